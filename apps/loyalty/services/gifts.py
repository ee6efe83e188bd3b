"""Give members what their birthday, anniversary or first steps bring, once."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from apps.core import clock
from apps.loyalty.models.coupon_issues import CouponIssue
from apps.loyalty.models.gifts import Gift, GiftRule
from apps.loyalty.models.points import PointEntry
from apps.loyalty.rules import gifts as rules
from apps.loyalty.services import points
from apps.loyalty.services.coupons import issue
from apps.members.models import Consent, Member
from apps.members.querysets import MemberQuerySet

MEMBERS_A_TRANSACTION = 2_000
Occasion = GiftRule.Occasion
FIRST_STEPS = tuple(set(Occasion) - set(GiftRule.YEARLY))

# Taken away as they are read: a step that is noted meanwhile waits, and is a new row.
TAKE_STEPS = """
    delete from members_firststep where member_id in (
        select member_id from members_firststep
        order by member_id limit %s for update skip locked)
    returning member_id
"""

# Whoever inserts the row gives the gift: of two nights at once one does.
CLAIM = """
    insert into loyalty_gift (member_id, occasion, year, at)
    select member_id, %s, %s, %s from unnest(%s::bigint[]) as member_id
    order by member_id
    on conflict (member_id, occasion, year) do nothing
    returning member_id
"""
LINK = """
    update loyalty_gift as gift set entry_id = entry.id
    from loyalty_pointentry as entry
    where gift.member_id = any(%s) and gift.occasion = %s and gift.year = %s
      and gift.entry_id is null
      and entry.member_id = gift.member_id and entry.kind = 'gift'
      and entry.source_type = 'gift' and entry.source_id = %s
"""


def give_gifts(
    *,
    now: datetime,
    member_ids: Collection[int] | None = None,
    only: Collection[str] = tuple(Occasion),
) -> int:
    """Give what is due, to everybody or to the members; return how many gifts.

    A gift is a row that is inserted once for a member, an occasion and a year; points
    and coupon follow in its transaction. Running twice, or being killed, gives nothing
    twice.
    """
    given = 0
    active = GiftRule.objects.filter(is_active=True, occasion__in=only)
    for rule in active.select_related("coupon"):
        for year, due in _due(rule, clock.day_of(now)):
            if member_ids is not None:
                due = due.filter(pk__in=member_ids)
            given += _give_all(rule, year, due, now=now)
    return given


def give_first_steps(*, now: datetime) -> int:
    """Give what is due to those who took a first step; return how many gifts.

    The steps are taken away in the transaction of the gifts: killed, they are looked
    at again.
    """
    given = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(TAKE_STEPS, [MEMBERS_A_TRANSACTION])
            taken = [member for (member,) in cursor.fetchall()]
            if not taken:
                return given
            given += give_gifts(now=now, member_ids=taken, only=FIRST_STEPS)


def _give_all(
    rule: GiftRule, year: int, due: QuerySet[Member], *, now: datetime
) -> int:
    had = Gift.objects.filter(member=OuterRef("pk"), occasion=rule.occasion, year=year)
    waiting = due.filter(~Exists(had)).order_by("pk").values_list("pk", flat=True)
    given, last = 0, 0
    while portion := list(waiting.filter(pk__gt=last)[:MEMBERS_A_TRANSACTION]):
        last = portion[-1]
        given += _give(rule, year, portion, now=now)
    return given


@transaction.atomic
def _give(rule: GiftRule, year: int, portion: list[int], *, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [rule.occasion, year, now, portion])
        claimed = [member for (member,) in cursor.fetchall()]
        if not claimed:
            return 0
        cause = f"{rule.occasion}/{year}" if year else rule.occasion
        if rule.points:
            points.grant(
                claimed,
                rule.points,
                kind=PointEntry.Kind.GIFT,
                source_type="gift",
                source_id=cause,
                now=now,
            )
            cursor.execute(LINK, [claimed, rule.occasion, year, cause])
    if rule.coupon is not None:
        issue(
            rule.coupon,
            claimed,
            source=CouponIssue.Source.GIFT,
            source_id=cause,
            now=now,
        )
    return len(claimed)


def _due(rule: GiftRule, today: date) -> Iterator[tuple[int, QuerySet[Member]]]:
    """Yield the years of the occasion that are due, and who has it in each."""
    people = Member.objects.people().filter(stage=Member.Stage.REGISTERED)
    if rule.occasion in (Occasion.BIRTHDAY, Occasion.ANNIVERSARY):
        for year, days in _days_by_year(rule, today).items():
            yield year, _on_days(people, rule, days)
    elif rule.occasion == Occasion.BIRTHDAY_MONTH:
        if rule.starts_on <= today:
            yield today.year, people.filter(birthday__month=today.month)
    else:
        yield 0, _first_steps(people, rule)


def _days_by_year(rule: GiftRule, today: date) -> dict[int, list[date]]:
    days: dict[int, list[date]] = {}
    for day in rules.days_to_keep(today):
        if day >= rule.starts_on:
            days.setdefault(day.year, []).append(day)
    return days


def _on_days(
    people: QuerySet[Member], rule: GiftRule, days: list[date]
) -> QuerySet[Member]:
    is_birthday = rule.occasion == Occasion.BIRTHDAY
    people = people.annotate(joined_on=TruncDate("registered_at", tzinfo=clock.TAIPEI))
    name = "birthday" if is_birthday else "joined_on"
    condition = Q(pk__in=[])
    for day in days:
        for month, number in rules.anniversaries(day):
            same = Q((f"{name}__month", month), (f"{name}__day", number))
            condition |= same & Q((f"{name}__year__lt", day.year))
    return people.filter(condition)


def _first_steps(people: MemberQuerySet, rule: GiftRule) -> QuerySet[Member]:
    """Return who has taken a step that is rewarded once in a life."""
    start = clock.start_of(rule.starts_on)
    if rule.occasion == Occasion.SIGN_UP:
        return people.filter(registered_at__gte=start)
    if rule.occasion == Occasion.PROFILE:
        return people.with_whole_profile()
    said = Consent.objects.filter(
        member=OuterRef("pk"), purpose=Consent.Purpose.MARKETING
    )
    if channel := GiftRule.CHANNELS[rule.occasion]:
        said = said.filter(channel=channel)
    later = Consent.objects.filter(
        member=OuterRef("member"),
        purpose=OuterRef("purpose"),
        channel=OuterRef("channel"),
        at__gt=OuterRef("at"),
        is_granted=False,
    )
    yes = said.filter(is_granted=True, at__gte=start).filter(~Exists(later))
    return people.filter(Exists(yes))
