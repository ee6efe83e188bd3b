"""Keep pieces in a store for a cart or an order, let them go, take them away.

Whoever changes what is kept first locks the stock, in rising order; the database
refuses more than lies there, should anybody come past the lock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from apps.catalog.models import Stock
from apps.core.errors import Refused
from apps.orders.models import Cart, Order, Reservation
from apps.orders.rules import stock as rules
from apps.stores.models import Store

Key = tuple[int, int]  # variant and store


@transaction.atomic
def reserve_stock(
    wanted: Mapping[int, int],
    *,
    store: Store,
    until: datetime,
    now: datetime,
    cart: Cart | None = None,
    order: Order | None = None,
    or_less: bool = False,
) -> Mapping[int, int]:
    """Keep so many pieces of each variant (by id) in the store until then.

    What was kept for the same cart or order before is let go first. Returns what is
    kept; less than wanted only with `or_less`. Raises Refused "out_of_stock".
    """
    mine = Reservation.objects.filter(
        Q(cart=cart) if cart else Q(order=order), state=Reservation.State.HELD
    )
    mine = mine.filter(store=store)
    late = Reservation.objects.filter(
        state=Reservation.State.HELD, store=store, variant__in=wanted, until__lte=now
    )
    keys = {(variant, store.pk) for variant in wanted} | _keys_of(mine)
    held = hold(keys)
    _end(mine, held, now=now)
    _end(late, held, now=now)
    available = {variant: held[key].available for key in held for variant in key[:1]}
    granted = rules.grant(wanted, available)
    if granted.short and not or_less:
        raise Refused("out_of_stock", _("這間門市的庫存不夠，請換一間或改宅配"))
    for variant, count in granted.pieces.items():
        held[variant, store.pk].reserved += count
    _save(held.values())
    Reservation.objects.bulk_create(
        Reservation(
            variant_id=variant, store=store, quantity=count, cart=cart, order=order,
            until=until, created_at=now,
        )
        for variant, count in granted.pieces.items()
    )  # fmt: skip
    return granted.pieces


@transaction.atomic
def release_stock(
    *, now: datetime, cart: Cart | None = None, order: Order | None = None
) -> int:
    """Let go what is kept for the cart or the order; return how many pieces."""
    kept = Q(cart=cart) if cart else Q(order=order)
    found = Reservation.objects.filter(kept, state=Reservation.State.HELD)
    held = hold(_keys_of(found))
    pieces = _end(found, held, now=now)
    _save(held.values())
    return pieces


@transaction.atomic
def take_stock(
    order: Order, pieces: Mapping[int, int], *, store: Store, now: datetime
) -> None:
    """Take pieces (by variant) away that were kept for the order: they left the store.

    What was not kept there came by parcel and was never counted.
    """
    found = Reservation.objects.filter(
        order=order, store=store, variant__in=pieces, state=Reservation.State.HELD
    )
    held = hold(_keys_of(found))
    for row in found.select_for_update():
        taken = min(row.quantity, pieces[row.variant_id])
        if not taken:
            continue
        here = held[row.variant_id, row.store_id]
        here.reserved -= taken
        here.quantity = max(here.quantity - taken, 0)
        _split(row, taken, now=now)
    _save(held.values())


@transaction.atomic
def release_overdue(*, now: datetime, limit: int = 500) -> int:
    """Let go what was kept for too long; return how many pieces."""
    late = Reservation.objects.filter(state=Reservation.State.HELD, until__lte=now)
    some = late.filter(
        pk__in=list(late.order_by("until").values_list("pk", flat=True)[:limit])
    )
    held = hold(_keys_of(some))
    pieces = _end(some, held, now=now)
    _save(held.values())
    return pieces


def hold(keys: Iterable[Key]) -> dict[Key, Stock]:
    """Lock the stock of these variants and stores until the transaction ends."""
    wanted = set(keys)
    found = Stock.objects.filter(
        variant__in={variant for variant, _store in wanted},
        store__in={store for _variant, store in wanted},
    )
    return {
        (row.variant_id, row.store_id): row
        for row in found.order_by("pk").select_for_update()
        if (row.variant_id, row.store_id) in wanted
    }


def _keys_of(found: QuerySet[Reservation]) -> set[Key]:
    return set(found.values_list("variant_id", "store_id"))


def _end(
    found: QuerySet[Reservation], held: Mapping[Key, Stock], *, now: datetime
) -> int:
    """Release the reservations whose stock is held; others keep theirs."""
    sums: dict[Key, int] = defaultdict(int)
    ended = []
    for row in found.select_for_update():
        key = (row.variant_id, row.store_id)
        if key in held:
            sums[key] += row.quantity
            ended.append(row.pk)
    for key, count in sums.items():
        held[key].reserved = max(held[key].reserved - count, 0)
    Reservation.objects.filter(pk__in=ended).update(
        state=Reservation.State.RELEASED, ended_at=now
    )
    return sum(sums.values())


def _split(row: Reservation, taken: int, *, now: datetime) -> None:
    """End a reservation by what was taken; what is left of it stays kept."""
    left = row.quantity - taken
    if not left:
        row.state, row.ended_at = Reservation.State.TAKEN, now
        row.save(update_fields=["state", "ended_at"])
        return
    row.quantity = left
    row.save(update_fields=["quantity"])
    Reservation.objects.create(
        variant_id=row.variant_id, store_id=row.store_id, quantity=taken,
        order_id=row.order_id, until=row.until, created_at=row.created_at,
        state=Reservation.State.TAKEN, ended_at=now,
    )  # fmt: skip


def _save(stock: Iterable[Stock]) -> None:
    Stock.objects.bulk_update(list(stock), ["quantity", "reserved"])
