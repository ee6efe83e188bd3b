"""`manage.py bench [name]`: how far the product is from its floors, as ratios."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from rich.console import Console
from rich.table import Table

from config import env

BENCHES = env.ROOT / "tests" / "bench"
DATABASE = "regulars_bench"


class Command(BaseCommand):
    """Run one benchmark, or all of them, in a database of its own kept between runs."""

    help = "Run a benchmark (or all) beside its floor and print the ratio of medians."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name, the number of pairs and where the JSON goes."""
        parser.add_argument("name", nargs="?", choices=_names())
        parser.add_argument("--pairs", type=int, default=7)
        parser.add_argument("--json", type=Path, help="write the rows there as well")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run what was asked for and print a table."""
        connection.settings_dict["TEST"]["NAME"] = DATABASE
        connection.creation.create_test_db(verbosity=0, keepdb=True, serialize=False)
        names = [options["name"]] if options["name"] else _names()
        rows = [
            row
            for name in names
            for row in import_module(f"tests.bench.{name}").run(pairs=options["pairs"])
        ]
        table = Table("bench", "ratio", "target", "work (ms)", "floor (ms)", "pairs")
        for row in rows:
            table.add_row(
                row.name, f"{row.ratio:.3f}", row.target, f"{row.work * 1000:.2f}",
                f"{row.floor * 1000:.2f}", str(row.pairs),
            )  # fmt: skip
        Console().print(table)
        text = json.dumps([row.as_json() for row in rows], indent=1)
        self.stdout.write(text)
        if options["json"]:
            options["json"].write_text(text)


def _names() -> list[str]:
    return sorted(
        path.stem
        for path in BENCHES.glob("*.py")
        if path.stem not in {"__init__", "harness"}
    )
