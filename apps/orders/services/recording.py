"""Record orders and let what hangs on them follow: carts, pickups, invoices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from apps.orders.models import Order
from apps.orders.rules.checks import Problem
from apps.orders.rules.intake import OrderIn
from apps.orders.services import carts, intake, invoices, pickups
from apps.orders.services.answers import Recorded
from apps.stores.models import Store


@transaction.atomic
def record(batch: Sequence[OrderIn], *, now: datetime) -> list[Recorded]:
    """Record the orders; answer for each, in the same order, what became of it.

    As `intake.record`. An order that names a cart closes it, one that names a store to
    fetch it at lies there.
    """
    stores = _pickup_stores(batch)
    sound = [each for each in batch if _lack(each, stores) is None]
    taken = iter(intake.record(sound, now=now))
    answers = []
    for each in batch:
        problem = _lack(each, stores)
        answers.append(
            Recorded.of(each.external_id, "rejected", problem)
            if problem
            else next(taken)
        )
    changed = {
        each.key: each
        for each, answer in zip(batch, answers, strict=True)
        if answer.status in ("new", "changed")
    }
    if leading := [each for each in changed.values() if _leads_on(each)]:
        _follow(leading, stores, now=now)
    return answers


def _leads_on(order: OrderIn) -> bool:
    """Tell whether anything hangs on the order, as on most of them nothing does."""
    is_cancelled = order.status == Order.Status.CANCELLED or order.cancelled_at
    leads = order.cart_code or order.pickup_store_code or order.invoice
    return bool(leads or is_cancelled)


def _pickup_stores(batch: Sequence[OrderIn]) -> dict[str, Store]:
    codes = {each.pickup_store_code for each in batch if each.pickup_store_code}
    rows = Store.objects.filter(code__in=codes) if codes else ()
    return {row.code: row for row in rows}


def _lack(order: OrderIn, stores: dict[str, Store]) -> Problem | None:
    code = order.pickup_store_code
    if not code or code in stores:
        return None
    return Problem("pickup_store_code", f"no store {code[:20]} is known")


def _follow(
    changed: Sequence[OrderIn], stores: dict[str, Store], *, now: datetime
) -> None:
    rows = {
        (row.source, row.external_id): row
        for row in Order.objects.known_as([each.key for each in changed])
    }
    invoices.keep(rows, changed)
    bought = [row for row in rows.values() if row.cart_id]
    carts.close_ordered(bought, now=now)
    fetched = {
        rows[each.key].pk: (rows[each.key], stores[each.pickup_store_code])
        for each in changed
        if each.pickup_store_code
    }
    pickups.follow(list(fetched.values()), now=now)
    gone = [row for row in rows.values() if row.status == Order.Status.CANCELLED]
    pickups.call_off(gone, now=now)
