"""Compute the facts, stores and categories of all members anew from their orders."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.core import clock
from apps.orders import services as orders
from apps.orders.models import FactsRebuild


class Command(BaseCommand):
    """`manage.py rebuild_facts`: safe beside the intake; killed, it goes on later."""

    help = "Compute the facts of all members anew, a portion at a time."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how many members are computed in one transaction."""
        parser.add_argument("--portion", type=int, default=2_000, help="members")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Compute them all and tell how many changed."""
        run = orders.rebuild(
            clock=clock.now, report=self._tell, portion=options["portion"]
        )
        self.stdout.write(f"done: {run.changed} members' facts changed")

    def _tell(self, run: FactsRebuild) -> None:
        self.stdout.write(f"up to member {run.reached}: {run.changed} changed")
