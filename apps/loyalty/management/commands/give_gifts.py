"""Give birthday, anniversary and once-in-a-life gifts."""

from __future__ import annotations

from datetime import datetime

from apps.loyalty import services as loyalty
from apps.loyalty.management.nightly import NightlyCommand


class Command(NightlyCommand):
    """`manage.py give_gifts [--date 2026-11-22]`: twice does nothing twice."""

    help = "Give birthday, anniversary and once-in-a-life gifts."

    def work(self, now: datetime) -> str:
        """Do it and tell how many."""
        return f"{loyalty.give_gifts(now=now)} gifts given"
