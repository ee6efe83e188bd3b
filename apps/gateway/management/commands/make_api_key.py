"""Make a key for another system and print it, once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core import clock
from apps.core.errors import Refused
from apps.gateway import keys


class Command(BaseCommand):
    """`manage.py make_api_key "Web shop" --scopes products:read orders:write`."""

    help = "Make an API key and print it once. Scopes: " + ", ".join(keys.SCOPES)

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whose key it is and what it may do."""
        parser.add_argument("name", help="the system that will hold the key")
        parser.add_argument(
            "--scopes", nargs="+", required=True, metavar="SCOPE", help="what it may do"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make the key."""
        try:
            key, raw = keys.make_key(
                options["name"], scopes=options["scopes"], now=clock.now()
            )
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        self.stderr.write(
            f"Key for {key.name} ({', '.join(key.scopes)}); it is not shown again:"
        )
        self.stdout.write(raw)
