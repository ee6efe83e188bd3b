"""Design a coupon at HQ: draft, publish, revise, pause, end; upload its codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core.errors import Refused
from apps.core.text import clean
from apps.loyalty.models import Coupon, CouponIssue, CouponUse, PackCode
from apps.loyalty.rules import coupons as rules
from apps.loyalty.services.coupons.issuing import hold_template
from apps.staff.models import Staff

State = Coupon.State
Relations: TypeAlias = Mapping[str, Iterable[Any]]
MOST_CODES = 1_000_000
BATCH = 10_000
LONGEST_CODE, SHORTEST_CODE = 40, 4


@dataclass(frozen=True)
class BadLine:
    """A line of an uploaded pack that gave no code; rows count from 1."""

    row: int
    text: str
    message: str


@dataclass(frozen=True)
class Uploaded:
    """What became of an uploaded pack."""

    added: int
    bad: tuple[BadLine, ...]


@transaction.atomic
def publish_coupon(coupon: Coupon, *, by: Staff, now: datetime) -> Coupon:
    """Make a draft live; what was issued to try it is wiped.

    Raises Refused: "coupon_state" when it is no draft, "coupon_incomplete" when it
    gives nothing or can be used nowhere, "coupon_no_codes" for an empty pack.
    """
    row = _moving(coupon, State.LIVE)
    _complete(row)
    CouponUse.objects.filter(issue__coupon=row, issue__source="test").delete()
    row.issues.filter(source=CouponIssue.Source.TEST).delete()
    row.refresh_from_db()
    row.state, row.published_at = State.LIVE, now
    row.save(update_fields=["state", "published_at"])
    audit.record("loyalty.coupon_published", row, by=by, now=now)
    return row


@transaction.atomic
def pause_coupon(coupon: Coupon, *, by: Staff, now: datetime) -> Coupon:
    """Let nobody receive or use it for a while. Raises Refused "coupon_state"."""
    return _move(coupon, State.PAUSED, "paused", by=by, now=now)


@transaction.atomic
def resume_coupon(coupon: Coupon, *, by: Staff, now: datetime) -> Coupon:
    """Go on after a pause. Raises Refused "coupon_state"."""
    if Coupon.objects.get(pk=coupon.pk).state != State.PAUSED:
        raise _wrong_state()
    return _move(coupon, State.LIVE, "resumed", by=by, now=now)


@transaction.atomic
def end_coupon(coupon: Coupon, *, by: Staff, now: datetime) -> Coupon:
    """End it for good. Raises Refused "coupon_state"."""
    row = _move(coupon, State.ENDED, "ended", by=by, now=now)
    row.ended_at = now
    row.save(update_fields=["ended_at"])
    return row


@transaction.atomic
def draft_coupon(
    *,
    by: Staff | None,
    now: datetime,
    relations: Relations | None = None,
    **fields: Any,
) -> Coupon:
    """Begin a coupon that nobody but HQ sees; `relations` as for `revise_coupon`."""
    row = Coupon.objects.create(created_at=now, **fields)
    _relate(row, relations)
    audit.record("loyalty.coupon_drafted", row, by=by, now=now, name=row.name)
    return row


@transaction.atomic
def revise_coupon(
    coupon: Coupon,
    *,
    by: Staff | None,
    now: datetime,
    relations: Relations | None = None,
    **changes: Any,
) -> Coupon:
    """Keep the design's changed fields; copies of fixed dates follow its dates.

    `relations` are the stores, categories and products it is good for, by name.

    Raises Refused: "coupon_ended" after the end, "coupon_cap_too_low" when a cap lies
    under what is already out.
    """
    row = hold_template(coupon)
    if row.state == State.ENDED:
        raise Refused("coupon_ended", _("已結束的優惠券不能修改"))
    for name, value in changes.items():
        setattr(row, name, value)
    _caps_hold(row)
    row.save()
    _relate(row, relations)
    if row.validity == Coupon.Validity.FIXED:
        row.issues.filter(state=CouponIssue.State.ISSUED).update(
            valid_from=row.valid_from, valid_until=row.valid_until
        )
    audit.record("loyalty.coupon_revised", row, by=by, now=now, fields=sorted(changes))
    return row


@transaction.atomic
def upload_codes(
    coupon: Coupon, lines: Iterable[str], *, by: Staff, now: datetime
) -> Uploaded:
    """Add codes to the pack, one a line; what is no code or known already is told.

    Raises Refused "coupon_no_pack" where the coupon makes its own codes.
    """
    row = hold_template(coupon)
    if row.codes != Coupon.Codes.PACK or row.state == State.ENDED:
        raise Refused("coupon_no_pack", _("這張優惠券不使用上傳序號"))
    fresh, bad = _read(lines)
    known = _known(list(fresh))
    for key in [key for key in fresh if key in known]:
        place, code = fresh.pop(key)
        bad.append(BadLine(place, code, _("這組序號已經存在")))
    PackCode.objects.bulk_create(
        [
            PackCode(coupon=row, code=code, key=key)
            for key, (_row, code) in fresh.items()
        ],
        batch_size=5000,
    )
    audit.record(
        "loyalty.coupon_codes_uploaded", row, by=by, now=now,
        added=len(fresh), bad=len(bad),
    )  # fmt: skip
    return Uploaded(len(fresh), tuple(sorted(bad, key=lambda line: line.row)))


def _read(lines: Iterable[str]) -> tuple[dict[str, tuple[int, str]], list[BadLine]]:
    fresh: dict[str, tuple[int, str]] = {}
    bad: list[BadLine] = []
    for place, line in enumerate(lines, start=1):
        code = line.strip().strip("\ufeff").split(",")[0].strip().strip('"')
        if not code:
            continue
        key = rules.key_of(code)
        wrong = _wrong(code, key, fresh)
        if wrong:
            bad.append(BadLine(place, clean(code, 60), wrong))
        else:
            fresh[key] = (place, code)
        if len(fresh) > MOST_CODES:
            raise Refused("coupon_pack_too_large", _("一次最多上傳一百萬組序號"))
    return fresh, bad


def _wrong(code: str, key: str, fresh: dict[str, tuple[int, str]]) -> str:
    if not len(key) >= SHORTEST_CODE or len(code) > LONGEST_CODE:
        return _("序號長度須為 4 到 40 個字")
    if not code.isascii() or not code.isprintable():
        return _("序號只能使用英文、數字與符號")
    if key in fresh:
        return _("與第 %(row)s 行重複") % {"row": fresh[key][0]}
    return ""


def _known(keys: list[str]) -> set[str]:
    known: set[str] = set()
    for first in range(0, len(keys), BATCH):
        part = keys[first : first + BATCH]
        for model in (PackCode, CouponIssue):
            known |= set(
                model.objects.filter(key__in=part).values_list("key", flat=True)
            )
    return known


def _complete(row: Coupon) -> None:
    gives = {
        Coupon.Kind.AMOUNT: row.amount > 0,
        Coupon.Kind.PERCENT: row.percent > 0,
        Coupon.Kind.SHIPPING: True,
        Coupon.Kind.GIFT: bool(row.gift),
    }
    if not gives[Coupon.Kind(row.kind)] or not row.channels:
        raise Refused("coupon_incomplete", _("先填好優惠內容與可用通路再發行"))
    if row.codes == Coupon.Codes.PACK and not row.pack.exists():
        raise Refused("coupon_no_codes", _("先上傳序號再發行"))


def _relate(row: Coupon, relations: Relations | None) -> None:
    for name, chosen in (relations or {}).items():
        getattr(row, name).set(chosen)


def _caps_hold(row: Coupon) -> None:
    over = (
        (row.most_issued is not None and row.issued > row.most_issued)
        or (row.most_used is not None and row.used > row.most_used)
        or (
            row.most_per_campaign is not None
            and _largest_campaign(row) > row.most_per_campaign
        )
    )
    if over:
        raise Refused("coupon_cap_too_low", _("上限不能低於已發送或已使用的張數"))


def _largest_campaign(row: Coupon) -> int:
    largest = (
        row.issues.exclude(source_id="")
        .values("source", "source_id")
        .annotate(copies=Count("pk"))
        .order_by("-copies")
        .values_list("copies", flat=True)
        .first()
    )
    return largest or 0


def _move(coupon: Coupon, to: str, said: str, *, by: Staff, now: datetime) -> Coupon:
    row = _moving(coupon, to)
    row.state = to
    row.save(update_fields=["state"])
    audit.record(f"loyalty.coupon_{said}", row, by=by, now=now)
    return row


def _moving(coupon: Coupon, to: str) -> Coupon:
    row = hold_template(coupon)
    if not rules.may_move(row.state, to):
        raise _wrong_state()
    return row


def _wrong_state() -> Refused:
    return Refused("coupon_state", _("這張優惠券目前不能這樣操作，重新整理後再試"))
