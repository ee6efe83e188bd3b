"""The worker's way to the rollups."""

from apps.core import clock
from apps.reports import services


def refresh_recent() -> int:
    """Make today's figures anew, and those of the days that moved."""
    return services.refresh_recent(now=clock.now())
