"""Upgrade, renew and downgrade members by the spending of the windows."""

from __future__ import annotations

from datetime import datetime

from apps.loyalty import services as loyalty
from apps.loyalty.management.nightly import NightlyCommand


class Command(NightlyCommand):
    """`manage.py review_tiers [--date 2026-11-22]`: twice does nothing twice."""

    help = "Upgrade, renew and downgrade members; only what changes is written."

    def work(self, now: datetime) -> str:
        """Do it and tell how many."""
        return f"{loyalty.review_tiers(now=now)} members moved"
