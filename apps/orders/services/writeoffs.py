"""What tablets read at the counter: each scan is written off once, or refused with why.

A scan is judged by the moment it was made, as far as that is believable, for the
customer stood there then. The row is written first: of two that bring the same scan
the second waits at its unique number and gets the first one's answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core.errors import Refused
from apps.core.text import clean
from apps.loyalty import services as loyalty
from apps.loyalty.models import Coupon, CouponIssue, CouponUse
from apps.orders.models import Pickup, WriteOff
from apps.orders.rules import codes
from apps.orders.rules import writeoffs as rules
from apps.orders.services import pickups
from apps.staff.models import Staff
from apps.stores.models import Store

SOURCE = "scan"  # under which a coupon's use names the scan instead of an order
State = WriteOff.State


@dataclass(frozen=True)
class Scan:
    """A code as a tablet read it; `amount` is of the sale (NT$), 0 where not typed."""

    client_id: UUID
    device_id: UUID
    code: str
    scanned_at: datetime
    amount: int = 0


def write_off(
    scans: Sequence[Scan], *, by: Staff, store: Store, now: datetime
) -> list[WriteOff]:
    """Write off what the scans name; answer for each, in the same order.

    Each stands alone: a refused one keeps no other from its coupon or goods. A scan
    that came before gets the answer it got, if it is the same person's; another's
    raises Refused "not_your_scan".
    """
    return [_write_off(each, by=by, store=store, now=now) for each in scans]


@transaction.atomic
def settle(row: WriteOff, *, outcome: str, by: Staff, now: datetime) -> WriteOff:
    """Say what came of a refused scan. Raises Refused: "outcome", "not_refused"."""
    said = " ".join(clean(outcome, 200).split())
    if not said:
        raise Refused("outcome", _("請寫下怎麼處理的"))
    row = WriteOff.objects.select_for_update().get(pk=row.pk)
    if row.state != State.REFUSED:
        raise Refused("not_refused", _("這筆已經核銷，不需要處理"))
    if row.settled_at is not None:
        return row
    row.settled_at, row.settled_by, row.outcome = now, by, said
    row.save(update_fields=["settled_at", "settled_by", "outcome"])
    audit.record("writeoff.settled", row, by=by, now=now, outcome=said)
    return row


@transaction.atomic
def _write_off(scan: Scan, *, by: Staff, store: Store, now: datetime) -> WriteOff:
    row, is_new = _note(scan, by=by, store=store, now=now)
    if not is_new:
        return row
    try:
        with transaction.atomic():
            _use(row, by=by)
    except Refused as refusal:
        row.use = row.pickup = None
        row.state, row.refusal = State.REFUSED, refusal.code
        row.why = refusal.message[:300]
    else:
        row.state = State.ACCEPTED
    row.save(update_fields=["state", "use", "pickup", "refusal", "why"])
    audit.record(
        "writeoff.answered", row, by=by, now=now, state=row.state, refusal=row.refusal,
        scanned_at=row.scanned_at.isoformat(), device=str(row.device_id),
    )  # fmt: skip
    return row


def _note(
    scan: Scan, *, by: Staff, store: Store, now: datetime
) -> tuple[WriteOff, bool]:
    """Write the scan down, or find it; tell whether it waits for its answer."""
    WriteOff.objects.bulk_create(
        [
            WriteOff(
                client_id=scan.client_id, device_id=scan.device_id,
                code=clean(scan.code, 60).strip(), amount=scan.amount, staff=by,
                store=store, scanned_at=min(scan.scanned_at, now), received_at=now,
            )
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    row = WriteOff.objects.select_for_update().get(client_id=scan.client_id)
    if row.staff_id != by.pk:
        raise Refused("not_your_scan", _("這筆是別人掃的，請他登入後送出"))
    return row, row.state == State.RECEIVED


def _use(row: WriteOff, *, by: Staff) -> None:
    """Use the coupon, or hand the goods over, as of the moment of the scan."""
    if rules.late(row.scanned_at, now=row.received_at):
        raise Refused("too_late", _("掃描超過 72 小時才送出，請改用查詢核銷"))
    pickup = Pickup.objects.filter(code=codes.read(row.code)).first()
    if pickup is not None:
        row.pickup = _hand_over(pickup, row, by=by)
        return
    copy = loyalty.find_coupon(row.code)
    if copy is not None and not row.amount and _needs_amount(copy):
        raise Refused("amount_needed", _("這張券要看消費金額，請補上金額再核銷"))
    row.use = loyalty.redeem(
        row.code,
        basket=loyalty.Basket("store", sum=row.amount, store_id=row.store_id),
        order_source=SOURCE,
        order_external_id=str(row.client_id),
        store=row.store,
        by=by,
        trigger=CouponUse.Trigger.HELPER,
        now=row.scanned_at,
    )


def _needs_amount(copy: CouponIssue) -> bool:
    coupon = copy.coupon
    return coupon.kind == Coupon.Kind.PERCENT or coupon.minimum > 0


def _hand_over(pickup: Pickup, row: WriteOff, *, by: Staff) -> Pickup:
    if not Pickup.objects.visible_to(by).filter(pk=pickup.pk).exists():
        raise Refused("other_store", _("這筆取貨不在你的門市"))
    left = {each.pk: each.quantity - each.collected for each in pickup.lines.all()}
    return pickups.hand_over(pickup, left, by=by, now=row.scanned_at)
