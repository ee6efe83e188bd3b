"""Touches: what a salesperson did for a member, each proof once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, models

from apps.attribution.models import PromoLink, Touch
from apps.attribution.rules.policy import COUPON
from apps.attribution.services import policies
from apps.catalog.models import Product
from apps.core.jobs import nudge
from apps.members.models import Member
from apps.staff.models import Staff
from apps.stores.models import Store

# Orders placed after the touch, inside its window, in which no stronger class won.
REOPEN = """
    update orders_order o set credit_due_at = %(now)s
    from unnest(%(members)s::bigint[], %(ats)s::timestamptz[]) as t(member_id, at)
    where o.member_id = t.member_id
      and o.placed_at > t.at
      and o.placed_at < t.at + make_interval(secs => %(window)s)
      and o.credit_due_at is null
      and exists (
        select 1 from orders_orderline l
        join attribution_decision d on d.line_id = l.id
        where l.order_id = o.id and d.superseded_at is null
          and d.settled_at is null and d.basis <> all(%(stronger)s))
"""
# A coupon's use names its order: only that one may change.
REOPEN_BY_USE = """
    update orders_order o set credit_due_at = %(now)s
    from loyalty_couponuse u
    where u.id = any(%(uses)s::bigint[])
      and o.source = u.order_source and o.external_id = u.order_external_id
      and o.credit_due_at is null
      and exists (
        select 1 from orders_orderline l
        join attribution_decision d on d.line_id = l.id
        where l.order_id = o.id and d.superseded_at is null and d.settled_at is null)
"""


@dataclass(frozen=True)
class NewTouch:
    """A touch to be recorded; `evidence` is the type and id of the proof's row.

    A campaign's has no staff; `sku` is the variant that was put into a cart.
    """

    kind: str
    member_id: int
    staff_id: int | None
    at: datetime
    evidence: tuple[str, str]
    store_id: int | None = None
    product_id: int | None = None
    link_id: int | None = None
    sku: str = ""


def touch(
    kind: str,
    *,
    member: Member,
    staff: Staff | None,
    store: Store | None,
    product: Product | None,
    link: PromoLink | None,
    evidence: models.Model | tuple[str, int | str],
    now: datetime,
) -> None:
    """Record an act towards the member; the same proof a second time adds nothing."""
    if isinstance(evidence, models.Model):
        evidence = (type(evidence).__name__.lower(), evidence.pk)
    new = NewTouch(
        kind=kind,
        member_id=member.pk,
        staff_id=staff.pk if staff else None,
        at=now,
        evidence=(evidence[0], str(evidence[1])),
        store_id=store.pk if store else None,
        product_id=product.pk if product else None,
        link_id=link.pk if link else None,
    )
    touch_many([new], now=now)


def touch_many(batch: Sequence[NewTouch], *, now: datetime) -> None:
    """Record acts, each proof once, and have the orders they may change credited again.

    A touch may come later than the order it preceded (an event that was delayed): such
    orders are decided again, unless their month is closed.
    """
    Touch.objects.bulk_create(
        [
            Touch(
                kind=each.kind,
                member_id=each.member_id,
                staff_id=each.staff_id,
                store_id=each.store_id,
                product_id=each.product_id,
                link_id=each.link_id,
                sku=each.sku,
                at=each.at,
                evidence_type=each.evidence[0],
                evidence_id=each.evidence[1],
            )
            for each in batch
        ],
        ignore_conflicts=True,
        batch_size=2000,
    )
    reopened = [_reopen(kind, batch, now) for kind in {each.kind for each in batch}]
    if any(reopened):
        nudge("apps.attribution.tasks.credit_pending")


def _reopen(kind: str, batch: Sequence[NewTouch], now: datetime) -> int:
    """Mark the orders that touches of the kind may change; return how many.

    An order that stands open for another reason is not counted. A month that was closed
    is left alone.
    """
    versions = policies.versions()
    found = (version.rules.basis_of(kind) for version in versions)
    basis = next((each for each in found if each), None)  # one class at most
    if basis is None:
        return 0
    if basis == COUPON:
        return _reopen_by_use(kind, batch, now)
    windows = [version.rules.window_of(basis) for version in versions]
    own = [each for each in batch if each.kind == kind]
    with connection.cursor() as cursor:
        cursor.execute(
            REOPEN,
            {
                "now": now,
                "members": [each.member_id for each in own],
                "ats": [each.at for each in own],
                "window": max(windows).total_seconds(),
                "stronger": sorted(
                    set.intersection(*(v.rules.stronger_than(basis) for v in versions))
                ),
            },
        )
        return int(cursor.rowcount)


def _reopen_by_use(kind: str, batch: Sequence[NewTouch], now: datetime) -> int:
    proofs = [each.evidence for each in batch if each.kind == kind]
    uses = [int(key) for proof, key in proofs if proof == "couponuse" and key.isdigit()]
    with connection.cursor() as cursor:
        cursor.execute(REOPEN_BY_USE, {"now": now, "uses": uses})
        return int(cursor.rowcount)
