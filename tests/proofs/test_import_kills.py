"""`manage.py import_orders` is killed with -9 in the midst, and called again."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction

from apps.imports.models import ImportJob
from apps.orders.models import Order
from tests.bench import order_file
from tests.orders import books
from tests.processes import eventually, running

LINES, A_BATCH = 1_500, 50
SECONDS = 120.0


def reach(rows: int) -> None:
    """Wait until the file's import has taken so many rows."""
    eventually(ImportJob.objects.filter(done__gte=rows).exists, SECONDS)


@pytest.mark.django_db(transaction=True)
def test_a_killed_import_called_again_ends_as_an_unbroken_one(
    surroundings: dict[str, str], tmp_path: Path
) -> None:
    books.brand()
    file = books.file(tmp_path / "till.csv", LINES)
    with transaction.atomic():
        call_command("import_orders", file, source=order_file.SOURCE)
        unbroken = books.told()
        transaction.set_rollback(True)
    command = (
        "manage.py", "import_orders", str(file),
        "--source", order_file.SOURCE, "--batch", str(A_BATCH),
    )  # fmt: skip

    for rows in (A_BATCH, LINES // 2):
        with running(*command, grace=15, **surroundings) as child:
            reach(rows)
            assert child.pid
            os.kill(child.pid, signal.SIGKILL)
            eventually(lambda: not child.alive(), SECONDS)
        assert ImportJob.objects.filter(state="running").exists(), "over too soon"
        assert Order.objects.exists()
    with running(*command, grace=15, **surroundings) as child:
        reach(LINES)
        eventually(lambda: not child.alive(), SECONDS)

    assert books.told() == unbroken
    call_command("check_invariants")
