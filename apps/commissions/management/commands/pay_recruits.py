"""Pay the bonuses for members who registered up to the day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.management import BaseCommand
from django.core.management.base import CommandParser

from apps.commissions import services as commissions
from apps.core import clock


class Command(BaseCommand):
    """Part of `manage.py nightly`; a second run adds nothing."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the last day to look at; yesterday in Taipei by default."""
        parser.add_argument("--date", type=date.fromisoformat, default=None)

    def handle(self, *args: Any, **options: Any) -> None:
        """Pay, and say for how many."""
        day = options["date"] or clock.today() - timedelta(days=1)
        paid = commissions.pay_recruits(day, now=clock.now())
        self.stdout.write(f"{paid} recruits paid")
