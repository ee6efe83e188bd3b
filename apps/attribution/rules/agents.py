"""What a browser says of itself: a person's device, or a machine that only looks.

Agents lie and change; what is not known stays empty, and nothing but the list of
machines decides whether somebody tapped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MOBILE, TABLET, DESKTOP = "mobile", "tablet", "desktop"
IOS, ANDROID, WINDOWS, MACOS = "ios", "android", "windows", "macos"
CHROMEOS, LINUX = "chromeos", "linux"
LINE, FACEBOOK, INSTAGRAM = "line", "facebook", "instagram"

# LINE and others fetch a link that stands in a message to draw its preview: nobody
# has tapped it. CUBOT makes telephones.
MACHINE = re.compile(
    r"line-poker|facebookexternalhit|facebot|(?<!cu)bot\b|crawler|spider|preview|"
    r"^whatsapp/|slurp|embedly|python-requests|^curl/|^wget/|go-http-client",
    re.IGNORECASE,
)
# Of several that fit, the first counts: an agent names its ancestors too.
DEVICES = (
    (re.compile(r"iPad|Tablet|Android(?!.*Mobile)", re.IGNORECASE), TABLET),
    (re.compile(r"iPhone|iPod|Mobi|Android", re.IGNORECASE), MOBILE),
    (re.compile(r"Windows NT|Macintosh|X11|CrOS", re.IGNORECASE), DESKTOP),
)
SYSTEMS = (
    (re.compile(r"iPhone|iPad|iPod"), IOS),
    (re.compile(r"Android"), ANDROID),
    (re.compile(r"Windows"), WINDOWS),
    (re.compile(r"Mac OS X|Macintosh"), MACOS),
    (re.compile(r"CrOS"), CHROMEOS),
    (re.compile(r"Linux|X11"), LINUX),
)
APPS = (
    (re.compile(r"\bLine/"), LINE),
    (re.compile(r"Instagram"), INSTAGRAM),
    (re.compile(r"FBAN|FBAV|FB_IAB"), FACEBOOK),
)


@dataclass(frozen=True)
class Device:
    """What opened a link; what is not known is empty."""

    kind: str = ""
    system: str = ""
    in_app: str = ""  # the app whose own browser it is


def is_machine(agent: str) -> bool:
    """Tell whether a program fetched the link, such as one that draws previews."""
    return MACHINE.search(agent) is not None


def device_of(agent: str) -> Device:
    """Return what the user agent says of the device, its system and the app."""
    return Device(_first(DEVICES, agent), _first(SYSTEMS, agent), _first(APPS, agent))


def _first(table: tuple[tuple[re.Pattern[str], str], ...], agent: str) -> str:
    return next((name for pattern, name in table if pattern.search(agent)), "")
