"""How many pieces lie in which store: set by a count, or changed by so many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction

from apps.catalog.models import Stock
from apps.catalog.services.known import Level

Place = tuple[int, int]  # the ids of a variant and a store
MOST_PIECES = 1_000_000_000


@transaction.atomic
def set_stock(wanted: Mapping[Place, int]) -> dict[Place, Level]:
    """Set how many of a variant lie in a store; return what became of each.

    What is kept for carts and orders stays kept. The rows are locked in the order in
    which reservations lock them.
    """
    variants = {variant for variant, _store in wanted}
    found = Stock.objects.filter(variant__in=variants).order_by("pk")
    held = {(row.variant_id, row.store_id): row for row in found.select_for_update()}
    answers: dict[Place, Level] = {}
    written = []
    for place, quantity in wanted.items():
        row = held.get(place)
        answers[place] = "new" if row is None else "changed"
        if row is not None and row.quantity == quantity:
            answers[place] = "unchanged"
            continue
        written.append(Stock(variant_id=place[0], store_id=place[1], quantity=quantity))
    Stock.objects.bulk_create(
        written,
        update_conflicts=True,
        unique_fields=["variant", "store"],
        update_fields=["quantity"],
        batch_size=1_000,
    )
    return answers


@transaction.atomic
def change_stock(changes: Sequence[tuple[Place, int]]) -> list[int | None]:
    """Add to what lies in stores (a negative change takes out), in the given order.

    Returns the new quantity of each row; None for one that would leave less than
    nothing, which changes nothing. Said again, it counts again: callers know a change
    by a key of their own.
    """
    places = sorted({place for place, _change in changes})
    # A row to lock: two who bring the first pieces must not both begin at nothing.
    Stock.objects.bulk_create(
        [Stock(variant_id=variant, store_id=store) for variant, store in places],
        ignore_conflicts=True,
    )
    variants = {variant for variant, _store in places}
    found = Stock.objects.filter(variant__in=variants).order_by("pk")
    held = {
        (row.variant_id, row.store_id): row.quantity
        for row in found.select_for_update()
    }
    answers: list[int | None] = []
    after: dict[Place, int] = {}
    for place, change in changes:
        quantity = after.get(place, held[place]) + change
        is_sound = 0 <= quantity <= MOST_PIECES
        answers.append(quantity if is_sound else None)
        if is_sound:
            after[place] = quantity
    set_stock(after)
    return answers
