"""What user agents say: the device, the system, the app, or that it is a machine."""

from __future__ import annotations

import pytest

from apps.attribution.rules.agents import Device, device_of, is_machine

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15"
ANDROID = "Mozilla/5.0 (Linux; Android 14; SM-S911B) AppleWebKit/537.36"
TABLET = "Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "kind", "system", "in_app"),
    [
        (f"{IPHONE} Mobile/15E148 Safari Line/14.9.0", "mobile", "ios", "line"),
        (f"{IPHONE} Mobile/15E148 Instagram 334.0", "mobile", "ios", "instagram"),
        (f"{IPHONE} Mobile/21F79 [FBAN/FBIOS;FBAV/466.0]", "mobile", "ios", "facebook"),
        (f"{IPHONE} Version/17.5 Mobile/15E148 Safari/604.1", "mobile", "ios", ""),
        (f"{ANDROID} Chrome/126.0 Mobile Safari/537.36", "mobile", "android", ""),
        (
            f"{ANDROID} Mobile Safari/537.36 Line/14.1.0/IAB",
            "mobile",
            "android",
            "line",
        ),
        (f"{ANDROID} Mobile [FB_IAB/FB4A;]", "mobile", "android", "facebook"),
        (TABLET, "tablet", "android", ""),
        ("Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) Safari", "tablet", "ios", ""),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome", "desktop", "windows", ""),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5)", "desktop", "macos", ""),
        ("Mozilla/5.0 (X11; CrOS x86_64 15633.69.0)", "desktop", "chromeos", ""),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0)", "desktop", "linux", ""),
        ("", "", "", ""),
        ("Deadline/9", "", "", ""),
    ],
)
def test_a_device_is_told_from_its_agent(
    agent: str, kind: str, system: str, in_app: str
) -> None:
    assert device_of(agent) == Device(kind, system, in_app)
    assert not is_machine(agent)


@pytest.mark.parametrize(
    "agent",
    [
        "facebookexternalhit/1.1;line-poker/1.0",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; bingbot/2.0)",
        "TelegramBot (like TwitterBot)",
        "Slackbot-LinkExpanding 1.0",
        "WhatsApp/2.23.20.0 A",
        "SkypeUriPreview Preview/0.5",
        "python-requests/2.31",
        "curl/8.4.0",
    ],
)
def test_machines_that_only_look_are_known(agent: str) -> None:
    assert is_machine(agent)


def test_a_telephone_that_sounds_like_a_machine_is_none() -> None:
    assert not is_machine(f"{ANDROID.replace('SM-S911B', 'CUBOT NOTE 40')} Mobile")
