"""Throw away one-time codes that nobody can use any more."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from apps.core import clock
from apps.members import services as members


class Command(BaseCommand):
    """`manage.py forget_codes`: run at night; a second run finds nothing."""

    help = "Delete one-time codes that were made two days ago or earlier."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Delete them and tell how many."""
        self.stdout.write(f"{members.forget_codes(now=clock.now())} codes deleted")
