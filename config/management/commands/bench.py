"""`manage.py bench [name]`: how far the product is from its floors, as ratios."""

import json
from collections.abc import Sequence
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
SIZE = 10_000
SIZES = [10_000, 100_000, 1_000_000]


class Command(BaseCommand):
    """Run one benchmark, or all of them, in a database of its own kept between runs."""

    help = "Run a benchmark (or all) beside its floor and print the ratio of medians."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name, the number of pairs and where the JSON goes."""
        parser.add_argument("name", nargs="?", choices=_names())
        parser.add_argument("--pairs", type=int, default=7)
        parser.add_argument(
            "--members", type=int, nargs="+",
            help="the brand's sizes, each in a database of its own; of several sizes "
            "the growth is told",
        )  # fmt: skip
        parser.add_argument(
            "--slopes", action="store_true",
            help="the growth of every bench that has a limit for it, over "
            f"{', '.join(f'{size:,}' for size in SIZES)} members if not said otherwise",
        )  # fmt: skip
        parser.add_argument("--json", type=Path, help="write the rows there as well")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run what was asked for and print a table."""
        names = list(harness.SLOPES) if options["slopes"] else _names()
        sizes = options["members"] or (SIZES if options["slopes"] else [SIZE])
        runs = _runs(
            [options["name"]] if options["name"] else names,
            sizes,
            pairs=options["pairs"],
        )
        rows = [row for rows in runs.values() for row in rows]
        growth = harness.growth(runs)
        Console().print(_table(rows))
        if growth:
            Console().print(_slopes(growth, sizes))
        facts = {
            "rows": [row.as_json() for row in rows],
            "growth": [each.as_json() for each in growth],
        }
        text = json.dumps(facts, indent=1)
        self.stdout.write(text)
        if options["json"]:
            options["json"].write_text(text)


def _runs(
    names: Sequence[str], sizes: Sequence[int], *, pairs: int
) -> dict[int, list[harness.Row]]:
    """Run the benches at each size, telling each row as it comes.

    One bench's sizes follow upon each other, so that they meet the same machine.
    """
    modules = [import_module(f"tests.bench.{name}") for name in names]
    for size in sizes:
        _make(size)
    runs: dict[int, list[harness.Row]] = {size: [] for size in sizes}
    told = Console(stderr=True)
    for module in modules:
        for size in sizes:
            _use(size)
            rows = module.run(pairs=pairs, **_size_for(module, size))
            for row in rows:
                told.print(
                    f"{size:,} members, {row.name}: {row.ratio} ({row.target}),"
                    f" {row.processor * 1000:.0f} ms of the processor {row.note}"
                )
            runs[size] += rows
    return runs


def _make(size: int) -> None:
    """Make the database of that size, if it is not there; migrate it."""
    connection.close()
    connection.settings_dict["TEST"]["NAME"] = f"{DATABASE}_{size}"
    connection.creation.create_test_db(verbosity=0, keepdb=True, serialize=False)


def _use(size: int) -> None:
    connection.close()
    connection.settings_dict["NAME"] = f"{DATABASE}_{size}"


def _table(rows: Sequence[harness.Row]) -> Table:
    table = Table(
        "bench", "ratio", "target", "work (ms)", "floor (ms)", "cpu (ms)", "pairs", ""
    )
    for row in rows:
        table.add_row(
            row.name, f"{row.ratio:.3f}", row.target, f"{row.work * 1000:.2f}",
            f"{row.floor * 1000:.2f}", f"{row.processor * 1000:.0f}", str(row.pairs),
            row.note,
        )  # fmt: skip
    return table


def _slopes(growth: Sequence[harness.Growth], sizes: Sequence[int]) -> Table:
    """Tell the processor's milliseconds by size, and how they grow."""
    table = Table("bench", *(f"{size:,}" for size in sorted(sizes)), "steps", "slope")
    for each in growth:
        within = "" if each.is_within else " !"
        limit = "" if each.limit is None else f" (<= {each.limit}){within}"
        table.add_row(
            each.name,
            *(f"{spent * 1000:.0f}" for spent in each.times.values()),
            ", ".join(f"{step:.2f}" for step in each.steps),
            f"{each.slope:.3f}{limit}",
        )
    return table


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
