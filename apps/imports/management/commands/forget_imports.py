"""Throw away the files and rows of imports that ended a month ago."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from apps.core import clock
from apps.imports import services as imports


class Command(BaseCommand):
    """`manage.py forget_imports`: run at night; a second run finds nothing."""

    help = "Delete files, rows and remarks of imports that ended 30 days ago."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Delete them and tell how many imports were emptied."""
        self.stdout.write(f"{imports.forget(now=clock.now())} imports emptied")
