"""How the machine doors stand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.gateway.models import InboundEvent, ShopEvent
from apps.reports.todos import Todo
from apps.ui import words


def oldest_event() -> datetime | None:
    """Return since when the oldest event waits that was not routed."""
    waiting = InboundEvent.objects.filter(state=InboundEvent.State.NEW)
    oldest: datetime | None = waiting.aggregate(at=Min("received_at"))["at"]
    return oldest


def oldest_shop_event() -> datetime | None:
    """Return since when the oldest webhook of a shop waits to be handled."""
    waiting = ShopEvent.objects.filter(state=ShopEvent.State.NEW)
    oldest: datetime | None = waiting.aggregate(at=Min("received_at"))["at"]
    return oldest


def dead_letters(now: datetime) -> Iterator[Todo]:
    """Yield HQ's to-dos of what came in and could not be handled, by where it came."""
    rows = _dead(InboundEvent, "line").union(_dead(ShopEvent, "shop"), all=True)
    for door, n, first in rows:
        if not n:
            continue
        since = words.ago(first, now=now)
        yield _events(n, since) if door == "line" else _shop_events(n, since)


def _dead(
    model: type[InboundEvent] | type[ShopEvent], door: str
) -> QuerySet[Any, tuple[str, int, datetime]]:
    """Return the door, how many dead rows it has and since when."""
    dead = model.objects.filter(state=model.State.DEAD).order_by()
    counted = dead.values(door=Value(door)).annotate(
        n=Count("pk"), first=Min("received_at")
    )
    return counted.values_list("door", "n", "first")


def _events(n: int, since: str) -> Todo:
    title = ngettext("%(n)s 則收到的訊息沒處理成功", "%(n)s 則收到的訊息沒處理成功", n)
    return Todo(
        "dead_events",
        "alert",
        "hot",
        title % {"n": words.count(n)},
        _("最早的一則：%(since)s，可以重新處理") % {"since": since},
    )


def _shop_events(n: int, since: str) -> Todo:
    title = ngettext("%(n)s 筆網店資料沒處理成功", "%(n)s 筆網店資料沒處理成功", n)
    return Todo(
        "dead_shop_events",
        "alert",
        "hot",
        title % {"n": words.count(n)},
        _("最早的一筆：%(since)s，可以重新處理") % {"since": since},
    )
