"""Make the rollups of days anew, each in one statement, from what lies below."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Min

from apps.core import clock
from apps.orders.models import Order
from apps.reports.models import DailyMembers, DailySales, Freshness, ReplyWait
from apps.reports.services import statements

# A row may be committed this long after the moment it carries.
LATENESS = timedelta(minutes=10)
MONTH = timedelta(days=31)
LOCK = 4202


@transaction.atomic
def refresh_recent(*, now: datetime) -> int:
    """Make today, yesterday and every day anew whose figures moved; return how many.

    The first time of all, every day is made. Where somebody else is at it, nothing is.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
    today = clock.day_of(now)
    seen = Freshness.objects.values_list("seen_until", flat=True).first()
    if seen is None:
        return rebuild(now=now)
    days = {today, today - timedelta(days=1), *dirty_days(seen - LATENESS)}
    refresh(days, now=now)
    Freshness.objects.update_or_create(pk=1, defaults={"seen_until": now})
    return len(days)


def dirty_days(since: datetime) -> set[date]:
    """Return the days (Taipei) of orders decided or refunded since the moment."""
    with connection.cursor() as cursor:
        cursor.execute(statements.DIRTY, {"since": since})
        return {day for (day,) in cursor.fetchall()}


@transaction.atomic
def refresh(days: Collection[date], *, now: datetime) -> None:
    """Make the rollups of the days anew; nobody sees them half made.

    Sales are made for all of the days, members' figures and waits for the recent ones.
    """
    facts = {"days": sorted(days)}
    recent = [day for day in sorted(days) if day > clock.day_of(now) - MONTH]
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        DailySales.objects.filter(day__in=facts["days"]).delete()
        cursor.execute(statements.SALES, facts)
        if recent:
            _members(recent[0], recent[-1])
            _waits(recent)


@transaction.atomic
def rebuild(starts_on: date | None = None, *, now: datetime) -> int:
    """Make the rollups of all days from the first, or the oldest order's, anew.

    Returns how many days there are.
    """
    oldest = Order.objects.aggregate(at=Min("placed_at"))["at"]
    first = starts_on or clock.day_of(oldest or now)
    today = clock.day_of(now)
    days = [first + timedelta(days=n) for n in range((today - first).days + 1)]
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        DailySales.objects.filter(day__gte=first).delete()
        cursor.execute(statements.SALES, {"days": days})
    _members(first, today)
    _waits(days)
    Freshness.objects.update_or_create(pk=1, defaults={"seen_until": now})
    return len(days)


def _members(first: date, last: date) -> None:
    DailyMembers.objects.filter(day__range=(first, last)).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            statements.MEMBERS,
            {
                "first": first,
                "last": last,
                "from": clock.start_of(first - timedelta(days=90)),
                "until": clock.end_of(last),
            },
        )


def _waits(days: list[date]) -> None:
    span = {"from": clock.start_of(days[0]), "until": clock.end_of(days[-1])}
    ReplyWait.objects.filter(
        asked_at__gte=span["from"], asked_at__lt=span["until"]
    ).delete()
    with connection.cursor() as cursor:
        cursor.execute(statements.WAITS, span)
