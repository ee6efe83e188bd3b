"""What waits for HQ, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q, Sum, Value
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.channels.models import Account
from apps.commissions.models import ClosedMonth, CommissionEntry, Dispute
from apps.conversations.models import Conversation
from apps.core import clock
from apps.messaging.models import Delivery, QuotaMonth
from apps.orders.models import FactsCheck
from apps.reports.todos import SOURCES, Todo
from apps.staff.models import Staff
from apps.ui.words import count, money

LONG_WAIT = timedelta(minutes=30)
SOON = timedelta(days=30)
RECENT = timedelta(days=7)
NEARLY_USED = 80  # per cent of the month's push quota
SHOWN_LEAVERS = 3


def todos(now: datetime) -> tuple[Todo, ...]:
    """Return what waits for HQ; nothing that is in order is listed."""
    found = [
        *_unbound(now),
        *_leavers(now),
        *_deliveries(now),
        *_quota(now),
        *_cases(now),
        *_open_month(now),
        *(todo for source in SOURCES for todo in source(now)),
    ]
    urgency = {"hot": 0, "warn": 1}
    return tuple(sorted(found, key=lambda todo: urgency.get(todo.tone, 2)))


def _unbound(now: datetime) -> Iterator[Todo]:
    waiting = Conversation.objects.at_hq().waiting().filter(status="open")
    counts = waiting.aggregate(
        n=Count("pk"), long=Count("pk", filter=Q(waiting_since__lt=now - LONG_WAIT))
    )
    if not counts["n"]:
        return
    title = ngettext(
        "%(n)s 位未綁定顧客待回覆", "%(n)s 位未綁定顧客待回覆", counts["n"]
    )
    detail = ngettext(
        "%(n)s 位已等超過 30 分鐘", "%(n)s 位已等超過 30 分鐘", counts["long"]
    )
    yield Todo(
        "inbox",
        "inbox",
        "hot",
        title % {"n": count(counts["n"])},
        detail % {"n": count(counts["long"])} if counts["long"] else "",
    )


def _leavers(now: datetime) -> Iterator[Todo]:
    today = clock.day_of(now)
    leaving = (
        Staff.objects.filter(Q(is_active=False) | Q(left_on__lte=today + SOON))
        .annotate(
            customers=Count("bindings", filter=Q(bindings__period__upper_inf=True))
        )
        .filter(customers__gt=0)
        .order_by("left_on", "pk")
    )
    for person in leaving[:SHOWN_LEAVERS]:
        facts = {
            "who": person.label,
            "day": f"{person.left_on.month}/{person.left_on.day}"
            if person.left_on
            else "",
            "n": count(person.customers),
        }
        title = _("%(who)s %(day)s 離職，%(n)s 位顧客待交接")
        if person.left_on is None:
            title = _("%(who)s已停用，%(n)s 位顧客待交接")
        gone = person.left_on is None or person.left_on < today
        yield Todo("handover", "swap", "hot" if gone else "warn", title % facts)


def _deliveries(now: datetime) -> Iterator[Todo]:
    states = Delivery.State
    lost = Delivery.objects.filter(
        account__in=Account.objects.all(),  # leads the index
        state__in=[states.FAILED, states.UNKNOWN],
        settled_at__gte=now - RECENT,
    )
    counts = lost.aggregate(
        failed=Count("pk", filter=Q(state=states.FAILED)),
        unknown=Count("pk", filter=Q(state=states.UNKNOWN)),
    )
    if not counts["failed"] and not counts["unknown"]:
        return
    total = counts["failed"] + counts["unknown"]
    title = ngettext("%(n)s 則訊息沒送出", "%(n)s 則訊息沒送出", total)
    detail = _("近 7 天，其中 %(n)s 則無法確認") % {"n": count(counts["unknown"])}
    yield Todo(
        "deliveries",
        "send",
        "warn",
        title % {"n": count(total)},
        detail if counts["unknown"] else _("近 7 天"),
    )


def _quota(now: datetime) -> Iterator[Todo]:
    months = QuotaMonth.objects.filter(
        month=clock.month_of(now), allowed__gt=0
    ).select_related("account")
    for quota in months:
        used = quota.used * 100 // (quota.allowed or 1)
        if used < NEARLY_USED:
            continue
        left = max(0, (quota.allowed or 0) - quota.used)
        yield Todo(
            "quota",
            "mega",
            "warn",
            _("%(account)s的推播用量已達 %(used)s%%")
            % {"account": quota.account.name, "used": used},
            _("本月剩 %(left)s 則") % {"left": count(left)},
        )


def _cases(now: datetime) -> Iterator[Todo]:
    """Yield the disputes that nobody has ruled on, and facts that are not as computed.

    Asked for at once: the overview has a budget of queries.
    """
    disputes = (
        Dispute.objects.waiting()
        .order_by()
        .values(of=Value("disputes"))
        .annotate(n=Count("pk"), first=Min("opened_at"))
    )
    checks = (
        FactsCheck.objects.filter(differing__gt=0, settled_at=None)
        .order_by()
        .values(of=Value("facts"))
        .annotate(n=Max("differing"), first=Min("at"))
    )
    found = disputes.union(checks, all=True)
    for of, n, first in found.values_list("of", "n", "first"):
        if not n:
            continue
        days = (now - first).days
        yield _disputes(n, days) if of == "disputes" else _facts(n, days)


def _disputes(n: int, days: int) -> Todo:
    title = ngettext("%(n)s 件爭議待裁定", "%(n)s 件爭議待裁定", n)
    detail = ngettext("最久已等 %(n)s 天", "最久已等 %(n)s 天", days)
    return Todo(
        "disputes",
        "split",
        "warn",
        title % {"n": count(n)},
        detail % {"n": count(days)} if days else "",
    )


def _facts(n: int, days: int) -> Todo:
    title = ngettext(
        "抽查有 %(n)s 位會員的消費彙總不符", "抽查有 %(n)s 位會員的消費彙總不符", n
    )
    since = ngettext("%(n)s 天前發現，請重算", "%(n)s 天前發現，請重算", days)
    return Todo(
        "facts",
        "alert",
        "warn",
        title % {"n": count(n)},
        since % {"n": count(days)} if days else _("今天發現，請重算"),
    )


def _open_month(now: datetime) -> Iterator[Todo]:
    """Yield last month's commission while its month is not closed."""
    month = clock.month_of(clock.start_of(clock.month_of(now)) - timedelta(days=1))
    if ClosedMonth.objects.filter(month=month).exists():
        return
    sums = CommissionEntry.objects.filter(month=month).aggregate(
        staff=Count("staff", distinct=True), sum=Sum("amount", default=0)
    )
    if sums["staff"]:
        yield Todo(
            "commissions",
            "coin",
            "brand",
            _("%(month)s分潤待關帳") % {"month": dateformat.format(month, _("n 月"))},
            _("%(n)s 位店員，合計 %(sum)s")
            % {"n": count(sums["staff"]), "sum": money(sums["sum"])},
        )
