"""`manage.py bench [name]`: how far the product is from its floors, as ratios."""

import json
from importlib import import_module
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from rich.console import Console
from rich.table import Table

from config import env
from tests.bench import harness

BENCHES = env.ROOT / "tests" / "bench"
DATABASE = "regulars_bench"
NOT_BENCHES = {"__init__", "batches", "database", "harness", "loading", "order_file"}


class Command(BaseCommand):
    """Run one benchmark, or all of them, in a database of its own kept between runs."""

    help = "Run a benchmark (or all) beside its floor and print the ratio of medians."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name, the number of pairs and where the JSON goes."""
        parser.add_argument("name", nargs="?", choices=_names())
        parser.add_argument("--pairs", type=int, default=7)
        parser.add_argument(
            "--members", type=int, nargs="+", default=[10_000],
            help="the brand's sizes, each in a database of its own; of several sizes "
            "the growth is told",
        )  # fmt: skip
        parser.add_argument("--json", type=Path, help="write the rows there as well")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run what was asked for and print a table."""
        names = [options["name"]] if options["name"] else _names()
        runs = {
            members: _run(names, members=members, pairs=options["pairs"])
            for members in options["members"]
        }
        rows = [row for rows in runs.values() for row in rows]
        table = Table("bench", "ratio", "target", "work (ms)", "floor (ms)", "pairs")
        for row in rows:
            table.add_row(
                row.name, f"{row.ratio:.3f}", row.target, f"{row.work * 1000:.2f}",
                f"{row.floor * 1000:.2f}", str(row.pairs),
            )  # fmt: skip
        Console().print(table)
        facts = {
            "rows": [row.as_json() for row in rows],
            "growth": harness.growth(runs),
        }
        text = json.dumps(facts, indent=1)
        self.stdout.write(text)
        if options["json"]:
            options["json"].write_text(text)


def _run(names: list[str], *, members: int, pairs: int) -> list[harness.Row]:
    """Run the benches in the database of that size, made if it is not there."""
    connection.close()
    connection.settings_dict["TEST"]["NAME"] = f"{DATABASE}_{members}"
    connection.creation.create_test_db(verbosity=0, keepdb=True, serialize=False)
    modules = [import_module(f"tests.bench.{name}") for name in names]
    return [
        row
        for module in modules
        for row in module.run(pairs=pairs, **_size_for(module, members))
    ]


def _size_for(module: ModuleType, members: int) -> dict[str, int]:
    """Return the size for a bench that wants the whole brand; some bring their own."""
    wants = "members" in signature(module.run).parameters
    return {"members": members} if wants else {}


def _names() -> list[str]:
    return sorted(
        path.stem
        for path in BENCHES.glob("*.py")
        if path.stem not in NOT_BENCHES and not path.stem.startswith("test_")
    )
