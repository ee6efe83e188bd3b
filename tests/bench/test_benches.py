"""Each bench of the intake works: at a small size, without asking how fast it is."""

from __future__ import annotations

from importlib import import_module

import pytest

from tests.bench import batches, database, harness

MEMBERS, ORDERS = 200, 120


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "name", ["ingest_bulk", "ingest_effects", "ingest_one", "replay", "member_page"]
)
def test_a_bench_runs_and_both_sides_agree(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "ORDERS", ORDERS)
    database.execute("drop table if exists bench_done")  # what it tells of was flushed

    rows = import_module(f"tests.bench.{name}").run(pairs=1, members=MEMBERS)

    assert rows
    assert all(row.ratio > 0 for row in rows)


def test_growth_is_the_slope_between_sizes() -> None:
    small = harness.Row("work", 1.0, 1.0, 1.0, "", 7)
    large = harness.Row("work", 10.0, 1.0, 10.0, "", 7)

    assert harness.growth({100: [small], 1_000: [large]}) == {"work": [1.0]}
    assert harness.growth({100: [small]}) == {}
