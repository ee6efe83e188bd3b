"""A file of orders leaves what the API leaves, once, however often it is cut short."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files import File
from django.core.management import call_command
from django.db import transaction

from apps.core import clock
from apps.imports import kinds
from apps.imports import services as imports
from apps.imports.models import ImportJob, StagedRow
from apps.orders import services as orders
from apps.orders.models import Order
from tests.bench import order_file
from tests.orders import books

LINES, ORDERS = 300, 120
FIRST = 50  # rows, before it is cut short
SOURCE = order_file.SOURCE
OPTIONS = {"source": SOURCE, "channel": "store", "paid": "yes", "store": ""}

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(settings, tmp_path: Path) -> Path:  # type: ignore[no-untyped-def]
    """Return a till's file, whose goods, people and members are there."""
    settings.IMPORTS_ROOT = tmp_path / "shelf"
    books.brand()
    return books.file(tmp_path / "till.csv", LINES)


def take(file: Path) -> None:
    call_command("import_orders", file, source=SOURCE)


def send() -> None:
    sold = books.sales(LINES)
    orders.record_stream(sold, now=clock.now(), report=lambda _answers: None, size=37)


def test_a_file_leaves_in_the_books_what_the_api_leaves(file: Path) -> None:
    with transaction.atomic():
        send()
        by_api = books.told()
        transaction.set_rollback(True)

    take(file)

    assert books.told() == by_api
    assert all(by_api), "facts, stores, categories and points follow"
    assert Order.objects.filter(credit_due_at__isnull=False).count() == ORDERS


@pytest.mark.parametrize("first", ["file", "api"])
def test_what_one_way_brought_the_other_way_leaves_alone(
    file: Path, first: str
) -> None:
    ways = [lambda: take(file), send]
    for way in ways if first == "file" else reversed(ways):
        way()
        before = books.versions()
    take(file)
    send()

    assert books.versions() == before
    assert Order.objects.count() == ORDERS
    job = ImportJob.objects.latest("pk")
    assert (job.new, job.changed, job.unchanged) == (0, 0, ORDERS)


def test_called_again_a_command_that_was_cut_short_goes_on(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with file.open("rb") as opened:
        left = imports.upload(
            File(opened, file.name),
            kind=kinds.named("orders"),
            by=None,
            now=clock.now(),
        )
    imports.map_columns(left, left.mapping, OPTIONS)
    imports.start(left, by=None, now=clock.now())
    for _step in range(2):  # staged, and one batch
        imports.advance(left.pk, now=clock.now(), limit=FIRST)
    begun = Order.objects.count()

    take(file)

    left.refresh_from_db()
    assert 0 < begun < left.new == Order.objects.count() == ORDERS
    assert (left.state, left.done) == (ImportJob.State.DONE, LINES)
    assert not StagedRow.objects.exists()
    assert f"{LINES} read, {ORDERS} new" in capsys.readouterr().out
