"""Seal what was recorded since the last time."""

from apps.audit import services as audit
from apps.core import clock


def seal() -> None:
    """Seal batch after batch until nothing ripe is left."""
    while audit.seal(now=clock.now()):
        pass
