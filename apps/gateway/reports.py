"""How the machine doors stand."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Min
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


def dead_shop_events(now: datetime) -> Todo | None:
    """Return HQ's to-do of the webhooks of shops that could not be handled."""
    dead = ShopEvent.objects.filter(state=ShopEvent.State.DEAD)
    counts = dead.aggregate(n=Count("pk"), first=Min("received_at"))
    if not counts["n"]:
        return None
    title = ngettext(
        "%(n)s 筆網店資料沒處理成功", "%(n)s 筆網店資料沒處理成功", counts["n"]
    )
    since = words.ago(counts["first"], now=now)
    return Todo(
        "dead_shop_events",
        "alert",
        "hot",
        title % {"n": words.count(counts["n"])},
        _("最早的一筆：%(since)s，可以重新處理") % {"since": since},
    )


def dead_events(now: datetime) -> Todo | None:
    """Return HQ's to-do of the events that could not be routed, if there are any."""
    dead = InboundEvent.objects.filter(state=InboundEvent.State.DEAD)
    counts = dead.aggregate(n=Count("pk"), first=Min("received_at"))
    if not counts["n"]:
        return None
    title = ngettext(
        "%(n)s 則收到的訊息沒處理成功", "%(n)s 則收到的訊息沒處理成功", counts["n"]
    )
    since = words.ago(counts["first"], now=now)
    return Todo(
        "dead_events",
        "alert",
        "hot",
        title % {"n": words.count(counts["n"])},
        _("最早的一則：%(since)s，可以重新處理") % {"since": since},
    )
