"""Look for what must never be true; print what is found, and fail if anything is.

Each app may have an `invariants.py` with `INVARIANTS`: a name and a query that must
return no row.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.core.management import BaseCommand, CommandError
from django.db import connection

SHOWN = 10


class Command(BaseCommand):
    """Also run nightly, and after every test that breaks things on purpose."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask every query."""
        broken = 0
        invariants = collect()
        for name, query in sorted(invariants.items()):
            rows = offenders(query)
            broken += bool(rows)
            for row in rows:
                self.stderr.write(f"{name}: {row}")
        if broken:
            raise CommandError(f"{broken} of {len(invariants)} invariants are broken")
        self.stdout.write(f"{len(invariants)} invariants hold")


def collect() -> dict[str, str]:
    """Return every app's invariants, by `app.name`."""
    found: dict[str, str] = {}
    for app in apps.get_app_configs():
        if app.name.startswith("apps.") and find_spec(f"{app.name}.invariants"):
            module = import_module(f"{app.name}.invariants")
            found |= {f"{app.label}.{k}": v for k, v in module.INVARIANTS.items()}
    return found


def offenders(query: str) -> list[tuple[Any, ...]]:
    """Return the first rows that the query finds."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        rows: list[tuple[Any, ...]] = cursor.fetchmany(SHOWN)
        return rows
