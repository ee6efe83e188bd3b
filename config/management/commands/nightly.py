"""Run every nightly job in order; a second run of the same night changes nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.management import BaseCommand, CommandError, call_command
from django.core.management.base import CommandParser

from apps.core import clock
from config.schedule import NIGHTLY, NightlyJob


class Command(BaseCommand):
    """The jobs are in `config.schedule.NIGHTLY`; each is also its own command."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the day that has ended; yesterday in Taipei by default."""
        parser.add_argument("--date", type=date.fromisoformat, default=None)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run all, also after one that failed; fail at the end if any did."""
        day = options["date"] or clock.today() - timedelta(days=1)
        failed = []
        for number, job in enumerate(NIGHTLY, 1):
            self.stdout.write(f"[{number}/{len(NIGHTLY)}] {job.command}: {job.why}")
            try:
                run(job, day)
            except Exception as error:
                failed.append(job.command)
                self.stderr.write(f"{job.command} failed: {error}")
        if failed:
            raise CommandError(
                f"{len(failed)} of {len(NIGHTLY)} failed: {', '.join(failed)}"
            )
        self.stdout.write(f"All {len(NIGHTLY)} jobs of {day} done")


def run(job: NightlyJob, day: date) -> None:
    """Run one job for the day."""
    call_command(job.command, *([f"--date={day}"] if job.dated else []))
