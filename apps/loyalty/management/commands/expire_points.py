"""Let points die whose last day is over."""

from __future__ import annotations

from datetime import datetime

from apps.loyalty import services as loyalty
from apps.loyalty.management.nightly import NightlyCommand


class Command(NightlyCommand):
    """`manage.py expire_points [--date 2026-11-22]`: twice does nothing twice."""

    help = "Let points die whose last day is over."

    def work(self, now: datetime) -> str:
        """Do it and tell how many."""
        return f"{loyalty.expire_points(now=now)} lots expired"
