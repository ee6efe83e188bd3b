"""Move the window of twelve months on: facts and tiers of who bought a year ago."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from apps.core import clock
from apps.orders import services as orders


class Command(BaseCommand):
    """`manage.py slide_facts`: run at night; a second run changes nothing."""

    help = "Recompute the facts and tiers of members with recent orders."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Recompute them all and tell how many changed."""
        self.stdout.write(f"{orders.slide(now=clock.now())} members changed")
