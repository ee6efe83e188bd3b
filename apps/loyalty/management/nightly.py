"""A command of the night: it takes the day that begins, and is harmless twice."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.core import clock


class NightlyCommand(BaseCommand):
    """Runs for the moment, or for the first moment of the `--date` in Taipei."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the day."""
        parser.add_argument("--date", type=date.fromisoformat, default=None)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do the work and say what came of it."""
        day: date | None = options["date"]
        self.stdout.write(self.work(clock.start_of(day) if day else clock.now()))

    def work(self, now: datetime) -> str:
        """Do the work of the night; return what is printed."""
        raise NotImplementedError
