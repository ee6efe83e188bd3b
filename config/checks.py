"""What a deployment must be told before it may serve, for `manage.py check --deploy`.

regulars.E001   no SECRET_KEY            regulars.E005   PUBLIC_URL without TLS
regulars.E002   no FIELD_KEYS            regulars.E006   no proxy that ends TLS
regulars.E003   no ALLOWED_HOSTS         regulars.E007   DEMO is on
regulars.E004   no DATABASE_URL          regulars.W008   no SHOP_URL
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution

from config import env

SHORTEST_KEY = 32


@register(Tags.security, deploy=True)
def deployment_is_complete(**_kwargs: Any) -> list[CheckMessage]:
    """List what the environment still lacks."""
    return [*_missing_secrets(), *_missing_addresses()]


def _missing_secrets() -> Iterator[CheckMessage]:
    if not env.SECRET_KEY:
        yield Error(
            "SECRET_KEY is not set: one made for this machine is in use.",
            hint="Set it to at least 50 random characters, the same on every machine.",
            id="regulars.E001",
        )
    if any(len(key) < SHORTEST_KEY for key in env.FIELD_KEYS or [""]):
        yield Error(
            "FIELD_KEYS, which encrypts channel secrets, is not set or too short.",
            hint=f"Set one or more random keys of at least {SHORTEST_KEY} characters, "
            "comma-separated, the newest first.",
            id="regulars.E002",
        )
    if env.DEMO:
        yield Error(
            "DEMO is on: cookies travel without TLS and the simulator may run.",
            hint="Unset DEMO.",
            id="regulars.E007",
        )


def _missing_addresses() -> Iterator[CheckMessage]:
    if not env.ALLOWED_HOSTS:
        yield Error(
            "ALLOWED_HOSTS is not set: only this machine is answered.",
            hint="Set the site's host names, comma-separated.",
            id="regulars.E003",
        )
    if not env.DATABASE_URL:
        yield Error(
            "DATABASE_URL is not set: the project's own PostgreSQL is for the demo.",
            hint="Set it to a managed PostgreSQL 15 or newer.",
            id="regulars.E004",
        )
    if not env.PUBLIC_URL.startswith("https://"):
        yield Error(
            f"PUBLIC_URL is {env.PUBLIC_URL}: LINE and customers need https.",
            hint="Set the address that customers see.",
            id="regulars.E005",
        )
    if not env.TRUSTED_PROXIES:
        yield Error(
            "TRUSTED_PROXIES is 0: pages come without TLS and would redirect for ever.",
            hint="Put a proxy with a certificate in front and set it to 1.",
            id="regulars.E006",
        )
    if not env.SHOP_URL:
        yield Caution(
            "SHOP_URL is not set: products have no page to link to.",
            hint="Set the address of the brand's web shop.",
            id="regulars.W008",
        )
