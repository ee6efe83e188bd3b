"""Bind members to salespeople, one at a time, and keep who was bound when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from apps.audit import services as audit
from apps.core import clock
from apps.members.errors import inactive
from apps.members.models import Binding, BindingCode, Member
from apps.members.rules import bonds
from apps.members.services import aliases
from apps.staff import services as staff_services
from apps.staff.models import Staff
from apps.stores.models import Store

INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class BindOutcome:
    """What came of it: `binding` holds now, `previous` is the one it replaced."""

    kind: bonds.Kind
    binding: Binding
    previous: Binding | None = None


@transaction.atomic
def bind(
    member: Member,
    staff: Staff,
    store: Store,
    *,
    source: str,
    now: datetime,
    code: BindingCode | None = None,
    by: Staff | None = None,
) -> BindOutcome:
    """Bind the member to the salesperson at the store; doing it twice changes nothing.

    The outcome's kind is "bound", "already", "replaced" or "kept" (features A5, by
    the setting REBIND_POLICY). Refused "inactive" where nobody of that name serves at
    the store today.
    """
    member = _held(member)
    if not staff_services.serves_at(staff, store, clock.day_of(now)):
        raise inactive(staff, store)
    latest = _latest(member)
    current = latest if latest and latest.period.upper_inf else None
    decision = _decide(current, staff, store, source=source, now=now)
    if current and decision.kind in {bonds.Kind.ALREADY, bonds.Kind.KEPT}:
        return BindOutcome(decision.kind, current)
    starts_at = _free_from(latest, now)
    if current:
        _end(current, starts_at)
    binding = Binding.objects.create(
        member=member,
        staff=staff,
        store=store,
        code=code,
        period=DateTimeTZRange(starts_at, None, "[)"),
        source=source,
        created_at=now,
    )
    audit.record(f"binding.{decision.kind}", member, by=by, now=now,
                 binding=binding.pk, staff=staff.pk, store=store.pk, source=source,
                 reason=decision.reason,
                 previous=current.pk if current else None)  # fmt: skip
    return BindOutcome(decision.kind, binding, current)


@transaction.atomic
def unbind(member: Member, *, by: Staff | None, now: datetime) -> Binding | None:
    """End the bond that holds and return it; None where there is none."""
    member = _held(member)
    latest = _latest(member)
    if latest is None or not latest.period.upper_inf:
        return None
    _end(latest, _free_from(latest, now))
    audit.record("binding.ended", member, by=by, now=now, binding=latest.pk,
                 staff=latest.staff_id, store=latest.store_id)  # fmt: skip
    return latest


def foresee(
    current: Binding | None, staff: Staff, store: Store, *, source: str, now: datetime
) -> bonds.Kind:
    """Tell what binding would come to, for the page that asks the customer first."""
    return _decide(current, staff, store, source=source, now=now).kind


def current_binding(member: Member) -> Binding | None:
    """Return the bond that holds, with its salesperson and store."""
    return (
        Binding.objects.current()
        .select_related("staff", "store")
        .filter(member=member)
        .first()
    )


def hold(*member_ids: int) -> None:
    """Let one transaction at a time change these members' bonds.

    The exclusion constraint alone would answer simultaneous binds with deadlocks; so
    would two batches that hold the same members in another order.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select pg_advisory_xact_lock(hashtextextended('members.bond', id))
            from unnest(%s::bigint[]) with ordinality as member(id, place)
            order by place
            """,
            [sorted(member_ids)],
        )


def end(bond: Binding, *, now: datetime) -> None:
    """End the bond; the caller holds the member."""
    _end(bond, _free_from(bond, now))


def free_from(member: Member, *, now: datetime) -> datetime:
    """Return from when a new bond of the member may hold."""
    return _free_from(_latest(member), now)


def _held(member: Member) -> Member:
    """Lock the bonds of the person whom the record is; a merge may have moved it."""
    hold(member.pk)
    person = aliases.follow(Member.objects.get(pk=member.pk))
    if person.pk != member.pk:
        hold(person.pk)
        return aliases.follow(person)
    return member


def _latest(member: Member) -> Binding | None:
    return (
        Binding.objects.select_related("staff", "store")
        .filter(member=member)
        .order_by("-period__startswith")
        .first()
    )


def _decide(
    current: Binding | None, staff: Staff, store: Store, *, source: str, now: datetime
) -> bonds.Decision:
    """Gather the facts and ask the rule."""
    bond = None
    if current is not None:
        day = clock.day_of(now)
        is_served = staff_services.serves_at(current.staff, current.store, day)
        bond = bonds.Bond(current.staff_id, current.store_id, is_served)
    attempt = bonds.Attempt(staff.pk, store.pk, source)
    policy = bonds.Policy(getattr(settings, "REBIND_POLICY", bonds.Policy.REPLACE))
    return bonds.decide(bond, attempt, policy=policy)


def _free_from(latest: Binding | None, now: datetime) -> datetime:
    """Return now, or the first moment after the latest bond where clocks disagree."""
    if latest is None:
        return now
    until: datetime = latest.period.upper or latest.period.lower + INSTANT
    return max(now, until)


def _end(binding: Binding, at: datetime) -> None:
    binding.period = DateTimeTZRange(binding.period.lower, at, "[)")
    binding.save(update_fields=["period"])
