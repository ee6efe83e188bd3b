"""Take tags from members whose last day is over."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.core import clock
from apps.members import services as members


class Command(BaseCommand):
    """`manage.py expire_tags [--date 2026-11-22]`: twice does nothing twice."""

    help = "Take tags from members whose last day is over."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the day."""
        parser.add_argument("--date", type=date.fromisoformat, default=None)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Take them and tell how many."""
        day: date | None = options["date"]
        now = clock.start_of(day) if day else clock.now()
        self.stdout.write(f"{members.expire_tags(now=now)} tags expired")
