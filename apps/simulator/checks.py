"""Refuses to run the simulator, or to talk to one, in a deployment."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security)
def simulator_is_off_in_production(**_kwargs: Any) -> list[CheckMessage]:
    """Fail when SIMULATOR or SIMULATOR_URL is set outside demo and development."""
    if settings.LOCAL or not (settings.SIMULATOR or settings.SIMULATOR_URL):
        return []
    return [
        Error(
            "The LINE simulator is switched on outside the demo.",
            hint="Unset SIMULATOR and SIMULATOR_URL, or set DEMO=1 on a test machine.",
            id="simulator.E001",
        )
    ]
