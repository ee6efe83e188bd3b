"""Compare a sample of members' facts with their orders; any difference is an alarm."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core import clock
from apps.orders import services as orders


class Command(BaseCommand):
    """`manage.py check_facts`: run at night, after the windows moved on."""

    help = "Compare a sample of members' facts with a computation from their orders."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the size of the sample, and whether to put right what is found."""
        parser.add_argument("--sample", type=int, default=1_000, help="members")
        parser.add_argument("--repair", action="store_true", help="compute them anew")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Tell which members differ and fail where any does."""
        check = orders.check_facts(
            sample=options["sample"], is_repaired=options["repair"], now=clock.now()
        )
        if not check.differing:
            self.stdout.write("the facts are as computed")
            return
        told = ", ".join(map(str, check.members))
        raise CommandError(f"{check.differing} members' facts differ: {told}")
