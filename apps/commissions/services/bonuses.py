"""What no order line earns: for new members brought in, for pickups handled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from apps.commissions import rules
from apps.commissions.models import CommissionEntry, Plan
from apps.commissions.reports.month import MADE
from apps.commissions.services import ledger
from apps.commissions.services.plans import scopes_of
from apps.core import clock
from apps.members.models import Binding, Member
from apps.orders.models import Pickup

BONUS_LOCK = 4204
A_BATCH = 1_000
RECEIVED, HANDED = "received", "handed"  # as the terms name them
# Who scans, registers and is bound the day after was still brought in by the scan.
WITHIN = timedelta(days=1)


def pay_recruits(until: date, *, now: datetime) -> int:
    """Pay for members who registered up to the day (Taipei); return how many.

    Once a member, ever: to the salesperson they were bound to when they registered or
    within a day, by that person's plan of the day. A batch is a transaction, so that a
    killed run loses nothing and a second one adds nothing.
    """
    since = _bonuses_since()
    if since is None:
        return 0
    paid, last = 0, 0
    while batch := _registered(since, until, after=last):
        last = batch[-1].pk
        paid += _pay(batch, now=now)
    return paid


@transaction.atomic
def pay_pickups(*, now: datetime, limit: int = 500) -> int:
    """Pay for the pickups that were handed over and wait for it; return how many.

    Whoever made one ready and whoever handed it over each get their own plan's fee of
    the day of collection, in its month or the next open one. Who did both gets both.
    """
    waiting = Pickup.objects.filter(fee_due_at__isnull=False)
    taken = list(
        waiting.select_related("received_by", "handed_by")
        .order_by("fee_due_at", "pk")
        .select_for_update(skip_locked=True, of=("self",))[:limit]
    )
    entries = _fees(taken, now=now)
    months = ledger.hold_open({entry.month for entry in entries}, now=now)
    for entry in entries:
        entry.month = months[entry.month]
    CommissionEntry.objects.bulk_create(entries)
    Pickup.objects.filter(pk__in=[row.pk for row in taken]).update(fee_due_at=None)
    return len(taken)


def _fees(taken: Sequence[Pickup], *, now: datetime) -> list[CommissionEntry]:
    """Return the fees by the plans of the people on the day of collection."""
    handled = [
        (row, person, part, clock.day_of(row.collected_at or now))
        for row in taken
        for person, part in ((row.received_by, RECEIVED), (row.handed_by, HANDED))
        if person is not None
    ]
    scopes = scopes_of((person, day) for _row, person, _part, day in handled)
    plans = [plan.facts for plan in Plan.objects.all()]
    entries = []
    for row, person, part, day in handled:
        plan = rules.plan_of(plans, scopes[person.pk, day], day)
        amount = getattr(plan.terms, part) if plan else 0
        if plan and amount:
            entries.append(
                CommissionEntry(
                    staff=person,
                    plan_id=plan.id,
                    kind=CommissionEntry.Kind.PICKUP,
                    month=day.replace(day=1),
                    rate=0,
                    amount=amount,
                    pickup=row,
                    cause=f"{row.pk}:{part}",
                    created_at=now,
                )
            )
    return entries


def _bonuses_since() -> date | None:
    """Return the first day on which any plan pays for recruits."""
    starts = [plan.starts_on for plan in Plan.objects.all() if plan.read().recruit]
    return min(starts, default=None)


def _registered(since: date, until: date, *, after: int) -> list[Member]:
    paid = CommissionEntry.objects.filter(kind="recruit", member=OuterRef("pk"))
    brought = Binding.objects.filter(member=OuterRef("pk"), source__in=MADE)
    found = Member.objects.filter(
        ~Exists(paid),
        Exists(brought),
        pk__gt=after,
        registered_at__gte=clock.start_of(since),
        registered_at__lt=clock.end_of(until),
    )
    return list(found.order_by("pk").only("pk", "registered_at")[:A_BATCH])


@transaction.atomic
def _pay(members: Sequence[Member], *, now: datetime) -> int:
    """Write the bonuses of a batch; of two runs at once the second waits."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [BONUS_LOCK])
    done = set(
        CommissionEntry.objects.filter(kind="recruit", member__in=members).values_list(
            "member", flat=True
        )
    )
    bonds = _bonds([member for member in members if member.pk not in done])
    scopes = scopes_of(
        (bond.staff, clock.day_of(member.registered_at))
        for member, bond in bonds
        if member.registered_at
    )
    plans = [plan.facts for plan in Plan.objects.all()]
    entries = []
    for member, bond in bonds:
        day = clock.day_of(member.registered_at or now)
        plan = rules.plan_of(plans, scopes[bond.staff_id, day], day)
        if plan is not None and plan.terms.recruit:
            entries.append(_bonus(member, bond, plan, day=day, now=now))
    months = ledger.hold_open({entry.month for entry in entries}, now=now)
    for entry in entries:
        entry.month = months[entry.month]
    return len(CommissionEntry.objects.bulk_create(entries))


def _bonus(
    member: Member, bond: Binding, plan: rules.Plan, *, day: date, now: datetime
) -> CommissionEntry:
    return CommissionEntry(
        staff_id=bond.staff_id,
        plan_id=plan.id,
        kind=CommissionEntry.Kind.RECRUIT,
        month=day.replace(day=1),
        rate=0,
        amount=plan.terms.recruit,
        member=member,
        cause=f"member:{member.pk}",
        created_at=now,
    )


def _bonds(members: Sequence[Member]) -> list[tuple[Member, Binding]]:
    """Return the bond that each registered under, where a salesperson made it."""
    made = Binding.objects.filter(member__in=members, source__in=MADE)
    by_member: dict[int, list[Binding]] = {}
    for bond in made.select_related("staff").order_by("period", "pk"):
        by_member.setdefault(bond.member_id, []).append(bond)
    found = []
    for member in members:
        at = member.registered_at
        for bond in by_member.get(member.pk, ()):
            if at is None or not _held_then(bond, at):
                continue
            found.append((member, bond))
            break
    return found


def _held_then(bond: Binding, at: datetime) -> bool:
    """Tell whether the bond held when they registered, or began within a day."""
    starts, ends = bond.period.lower, bond.period.upper
    return starts < at + WITHIN and (ends is None or ends > at)
