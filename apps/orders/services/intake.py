"""Record orders of every channel, a batch at a time, in a fixed number of queries.

One path for the API, platforms' webhooks, tills' files and the demo. In one
transaction the orders are written, marked to be credited and their members' facts
brought up to date; the worker is rung to credit them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from apps.catalog.models import Variant
from apps.core.jobs import nudge
from apps.members import services as members
from apps.orders.models import Cart, Order, OrderLine
from apps.orders.rules import intake as rules
from apps.orders.rules.checks import Problem
from apps.orders.rules.intake import OrderIn, Priced, Version
from apps.orders.services import cancellations, locks, refunds, states, upkeep
from apps.orders.services.answers import Recorded
from apps.orders.services.states import Key, State
from apps.staff.models import Staff
from apps.stores.models import Store

CREDIT = "apps.attribution.tasks.credit_pending"
# A statement of more rows takes more memory and no less time.
ROWS_A_STATEMENT = 500


@dataclass(frozen=True)
class _Known:
    """The rows of other rooms that a batch names, by their codes."""

    stores: Mapping[str, int]
    staff: Mapping[str, int]
    variants: Mapping[str, tuple[int, int]]  # SKU: variant and its product
    carts: Mapping[str, int]

    def lack(self, order: OrderIn) -> Problem | None:
        """Return the first name of the order that nobody knows; a SKU need not be."""
        if order.store_code and order.store_code not in self.stores:
            return Problem("store_code", f"no store {order.store_code} is known")
        if order.seller_code and order.seller_code not in self.staff:
            return Problem(
                "seller_code", f"no salesperson {order.seller_code} is known"
            )
        return None


@transaction.atomic
def record(batch: Sequence[OrderIn], *, now: datetime) -> list[Recorded]:
    """Record the orders; answer for each, in the same order, what became of it.

    Known by source and external id. The same payload again changes nothing, nor does
    an older version; a newer one replaces the lines (a line that was taken out stays
    with quantity 0, for credit may point to it). A row that is not sound is rejected
    with its field and why; it does not keep the others from being recorded.
    """
    priced = [rules.price(order, now=now) for order in batch]
    locks.hold(order.key for order in batch)
    sound = [each for each in priced if isinstance(each, Priced)]
    known = _look_up([each.order for each in sound])
    recorded = states.load({each.order.key for each in sound})
    versions = {key: state.version for key, state in recorded.items()}
    answers, accepted = _judge(batch, priced, known, versions)
    if accepted:
        _write_all(list(accepted.values()), known, recorded, now=now)
        nudge(CREDIT)
    return answers


def _judge(
    batch: Sequence[OrderIn],
    priced: Sequence[Priced | Problem],
    known: _Known,
    versions: dict[Key, Version],
) -> tuple[list[Recorded], dict[Key, Priced]]:
    """Go through the batch as if the rows came one by one; keep each order's last."""
    answers: list[Recorded] = []
    accepted: dict[Key, Priced] = {}
    for order, each in zip(batch, priced, strict=True):
        problem = each if isinstance(each, Problem) else known.lack(each.order)
        if problem or isinstance(each, Problem):
            answers.append(Recorded.of(order.external_id, "rejected", problem))
            continue
        verdict = rules.judge(versions.get(order.key), each)
        answers.append(Recorded.of(order.external_id, verdict.status, verdict.problem))
        if verdict.status in ("new", "changed"):
            kept = rules.keep(versions.get(order.key), each)
            versions[order.key] = rules.follow(versions.get(order.key), each)
            accepted[order.key] = kept
    return answers, accepted


def _look_up(batch: Sequence[OrderIn]) -> _Known:
    stores = {order.store_code for order in batch}
    sellers = {order.seller_code for order in batch}
    skus = {line.sku for order in batch for line in order.lines}
    carts = {order.cart_code for order in batch if order.cart_code}
    return _Known(
        stores=dict(Store.objects.filter(code__in=stores).values_list("code", "pk")),
        staff=dict(Staff.objects.filter(code__in=sellers).values_list("code", "pk")),
        variants={
            sku: (variant, product)
            for sku, variant, product in Variant.objects.filter(
                sku__in=skus
            ).values_list("sku", "pk", "product_id")
        },
        carts=dict(Cart.objects.filter(code__in=carts).values_list("code", "pk")),
    )


def _write_all(
    accepted: Sequence[Priced],
    known: _Known,
    recorded: Mapping[Key, State],
    *,
    now: datetime,
) -> None:
    owners = _identify(accepted, recorded, now=now)
    cancellations.lift(
        recorded[each.order.key] for each in accepted if each.order.key in recorded
    )
    orders = _write_orders(accepted, owners, known, recorded, now=now)
    _write_lines(accepted, orders, known)
    _empty_lines_taken_out(accepted, recorded)
    paid = {each.order.key for each in accepted if each.order.paid_at}
    refunds.record_parked(paid, now=now)
    cancelled = [o.pk for o in orders.values() if o.status == Order.Status.CANCELLED]
    cancellations.settle(cancelled, now=now)
    before = {state.order.member_id for state in recorded.values()}
    upkeep.refresh_members([*owners.values(), *before], now=now)


def _identify(
    accepted: Sequence[Priced], recorded: Mapping[Key, State], *, now: datetime
) -> dict[Key, int | None]:
    """Return each order's member; a payload that names nobody keeps who is known."""
    keys = [
        members.CustomerKeys(
            name=each.order.customer.name,
            phone=each.order.customer.phone,
            email=each.order.customer.email,
            line_user_id=each.order.customer.line_user_id,
        )
        for each in accepted
    ]
    found = members.identify_batch(keys, now=now)
    owners: dict[Key, int | None] = {}
    for each, member in zip(accepted, found, strict=True):
        state = recorded.get(each.order.key)
        owners[each.order.key] = member or (state.order.member_id if state else None)
    return owners


def _write_orders(
    accepted: Sequence[Priced],
    owners: Mapping[Key, int | None],
    known: _Known,
    recorded: Mapping[Key, State],
    *,
    now: datetime,
) -> dict[Key, Order]:
    rows = [
        Order(
            source=order.source,
            external_id=order.external_id,
            channel=order.channel,
            store_id=known.stores.get(order.store_code),
            member_id=owners[order.key],
            seller_id=known.staff.get(order.seller_code),
            placed_at=order.placed_at,
            status=each.status,
            paid_at=order.paid_at,
            cancelled_at=order.cancelled_at,
            revised_at=order.updated_at,
            goods=each.goods,
            discount=each.discount,
            shipping=order.shipping,
            net=each.net,
            refunded=recorded[order.key].order.refunded if order.key in recorded else 0,
            tax=each.tax,
            ship_to=order.ship_to,
            cart_id=known.carts.get(order.cart_code),
            exchange_of=order.exchange_of,
            points_used=order.points_used,
            points_discount=order.points_discount,
            coupons=list(order.coupons),
            reference=order.reference,
            digest=each.digest,
            credit_due_at=now,
            received_at=now,
        )
        for each in accepted
        for order in [each.order]
    ]
    made = Order.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["source", "external_id"],
        update_fields=[
            "channel", "store", "member", "seller", "placed_at", "paid_at", "status",
            "cancelled_at", "revised_at", "goods", "discount", "shipping", "net", "tax",
            "ship_to", "cart", "exchange_of", "points_used", "points_discount",
            "coupons", "reference", "digest", "credit_due_at",
        ],
        batch_size=ROWS_A_STATEMENT,
    )  # fmt: skip
    return {(order.source, order.external_id): order for order in made}


def _write_lines(
    accepted: Sequence[Priced], orders: Mapping[Key, Order], known: _Known
) -> None:
    nothing = (None, None)
    rows = [
        OrderLine(
            order=orders[each.order.key],
            external_id=priced.line.external_id,
            position=position,
            sku=priced.line.sku,
            name=priced.line.name,
            variant_id=known.variants.get(priced.line.sku, nothing)[0],
            product_id=known.variants.get(priced.line.sku, nothing)[1],
            quantity=priced.line.quantity,
            unit_price=priced.line.unit_price,
            discount=priced.discount,
            net=priced.net,
            tax=priced.tax,
        )
        for each in accepted
        for position, priced in enumerate(each.lines, start=1)
    ]
    OrderLine.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["order", "external_id"],
        update_fields=[
            "position", "sku", "name", "variant", "product", "quantity", "unit_price",
            "discount", "net", "tax",
        ],
        batch_size=ROWS_A_STATEMENT,
    )  # fmt: skip


def _empty_lines_taken_out(
    accepted: Collection[Priced], recorded: Mapping[Key, State]
) -> None:
    gone = [
        line.pk
        for each in accepted
        if each.order.key in recorded
        for line in recorded[each.order.key].lines.values()
        if line.external_id not in {kept.external_id for kept in each.order.lines}
    ]
    if gone:
        OrderLine.objects.filter(pk__in=gone).update(
            quantity=0, discount=0, net=0, tax=0
        )
