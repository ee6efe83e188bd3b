"""Keep points from paying for a time, and say so to whoever asks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.catalog.models import Category
from apps.core.errors import Refused
from apps.loyalty.models.coupons import Coupon
from apps.loyalty.models.point_rules import BurnPause
from apps.loyalty.rules import burning as rules
from apps.loyalty.rules.coupons import Basket
from apps.staff.models import Staff


@transaction.atomic
def pause_burning(
    since: datetime,
    until: datetime,
    *,
    reason: str,
    channels: Collection[str] = (),
    categories: Collection[Category] = (),
    by: Staff,
    now: datetime,
) -> BurnPause:
    """Let points pay nothing for a time, on some channels, for some categories.

    None named means all. Raises Refused: "pause_over", "pause_empty", "pause_channel".
    """
    if until <= since:
        raise Refused("pause_empty", _("結束要晚於開始"))
    if until <= now:
        raise Refused("pause_over", _("這段期間已經過了"))
    if set(channels) - set(Coupon.Channel.values):
        raise Refused("pause_channel", _("沒有這個通路"))
    pause = BurnPause.objects.create(
        period=DateTimeTZRange(since, until),
        reason=reason,
        channels=sorted(set(channels)),
        created_at=now,
        created_by=by,
    )
    pause.categories.set(categories)
    audit.record(
        "loyalty.burning_paused", pause, by=by, now=now, since=since, until=until,
        channels=pause.channels, categories=[each.slug for each in categories],
    )  # fmt: skip
    return pause


@transaction.atomic
def end_pause(pause: BurnPause, *, by: Staff, now: datetime) -> None:
    """End a pause now; one that has not begun is taken back."""
    audit.record("loyalty.pause_ended", pause, by=by, now=now, reason=pause.reason)
    start = pause.period.lower
    if start is None or start >= now:
        pause.delete()
        return
    if pause.period.upper is None or pause.period.upper > now:
        pause.period = DateTimeTZRange(start, now)
        pause.save(update_fields=["period"])


def payable(basket: Basket, *, now: datetime) -> rules.Payable:
    """Return what of the basket points may pay now, with the reason in words."""
    answer = rules.payable(basket, _pauses(now))
    return rules.Payable(answer.total, _shut(answer.why), _left_out(answer.note))


def why_shut(channel: str, *, now: datetime) -> str:
    """Return why points pay nothing on that channel now, "" where they do."""
    return payable(Basket(channel), now=now).why


def pauses_now(now: datetime) -> list[BurnPause]:
    """Return the pauses that hold at the moment, with their categories."""
    rows = BurnPause.objects.filter(period__contains=now).order_by("pk")
    return list(rows.prefetch_related("categories"))


def _pauses(now: datetime) -> list[rules.Pause]:
    return [
        rules.Pause(
            row.reason,
            frozenset(row.channels),
            frozenset(each.pk for each in row.categories.all()),
        )
        for row in pauses_now(now)
    ]


def _shut(reason: str) -> str:
    if not reason:
        return ""
    return _("這段期間暫停點數折抵：%(reason)s") % {"reason": reason}


def _left_out(reason: str) -> str:
    if not reason:
        return ""
    return _("部分商品暫停點數折抵：%(reason)s") % {"reason": reason}
