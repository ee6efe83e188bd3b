"""Each bench of the intake works: at a small size, without asking how fast it is."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from apps.attribution.models import Touch
from apps.orders.models import Order
from apps.orders.services import checking
from config import env
from config.management.commands import bench
from tests.bench import (
    batches,
    database,
    harness,
    import_orders,
    inbox,
    loading,
    member_page,
)

MEMBERS, ORDERS, LINES = 200, 120, 300
# What benches do not read is not drawn: old orders have no decisions, people no posts.
pytestmark = pytest.mark.breaks_invariants("a brand drawn in SQL, for its sizes")


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    settings.IMPORTS_ROOT = tmp_path
    monkeypatch.setattr(env, "VAR_DIR", tmp_path)
    monkeypatch.setattr(batches, "ORDERS", ORDERS)
    monkeypatch.setattr(import_orders, "LINES", LINES)
    for part in ("BUSIEST", "USUAL"):
        monkeypatch.setattr(inbox, part, 20)
    for module in (inbox, member_page):
        monkeypatch.setattr(module, "REPEATED", 2)
    loading.execute("drop table if exists bench_done")  # what it tells of was flushed


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("name", sorted({*harness.SLOPES, "replay", "import_orders"}))
def test_a_bench_runs_and_both_sides_agree(name: str) -> None:
    rows = import_module(f"tests.bench.{name}").run(pairs=1, members=MEMBERS)

    assert rows
    assert all(row.ratio > 0 for row in rows)
    assert all(row.name.startswith(name) for row in rows)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_small")
def test_what_is_drawn_for_a_brand_is_what_the_product_computes() -> None:
    database.fill(MEMBERS)

    assert Order.objects.count() == MEMBERS * database.ORDERS_A_MEMBER
    assert checking.compare(range(1, MEMBERS + 1), now=database.NOW) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_small")
def test_a_large_brand_is_written_without_guards_which_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def guards() -> list[tuple[object, ...]]:
        return loading.execute(
            "select indexname, indexdef from pg_indexes where schemaname = 'public'"
            " order by 1"
        )

    loading.execute(database.DONE)
    before = guards()
    monkeypatch.setattr(database, "LARGE", MEMBERS)
    monkeypatch.setattr(loading, "STRIDE", 150)
    database.fill(MEMBERS, touches=2, talks=True)

    assert guards() == before
    assert Touch.objects.count() == MEMBERS * 2
    assert checking.compare(range(1, MEMBERS + 1), now=database.NOW) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_small")
def test_slopes_are_told_in_one_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for way in ("_make", "_use"):  # all in the test's own database
        monkeypatch.setattr(bench, way, lambda _size: None)
    told = tmp_path / "told.json"

    call_command("bench", "tiers", slopes=True, members=[50, 100], pairs=1, json=told)

    (growth,) = json.loads(told.read_text())["growth"]
    assert (growth["name"], growth["limit"]) == ("tiers", 1.1)
    assert set(growth["times"]) == {"50", "100"}


def test_growth_is_the_slope_between_sizes() -> None:
    small = harness.Row("inbox, busiest", 1.0, 1.0, 1.0, "", 7, processor=1.0)
    large = harness.Row("inbox, busiest", 1.0, 1.0, 1.0, "", 7, processor=10.0)

    (growth,) = harness.growth({100: [small], 1_000: [large], 10_000: [large]})

    assert growth.times == {100: 1.0, 1_000: 10.0, 10_000: 10.0}
    assert (growth.steps, growth.slope) == ([1.0, 0.0], 0.5)
    assert (growth.limit, growth.is_within) == (0.1, False)
    assert harness.growth({100: [small]}) == []
