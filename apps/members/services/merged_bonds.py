"""How bonds follow a merge: one person has one salesperson, and the past stays true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Exists, OuterRef, QuerySet

from apps.core import clock
from apps.members.models import Binding, Member
from apps.members.rules import merging as rules
from apps.members.services import bindings, movers
from apps.members.services.movers import Field, Merging, Words
from apps.staff import services as staff_services

MODEL = "members.Binding"
MOVED, ENDED, MADE = "member", "ended", "made"


@dataclass(frozen=True)
class Bonds:
    """Bonds of a time in which the keeper had none become the keeper's.

    Where both had one at a time, the loser's stays with the alias: the constraint
    allows one. The bond that goes on is chosen by `rules.merging.bond`; the other one
    ends. Undoing makes a bond that was ended anew, for what has ended stays ended.
    """

    label: Words
    covers: frozenset[Field] = frozenset({(MODEL, "member")})

    def foresee(self, keeper: Member, loser: Member) -> int:
        """Return how many become the keeper's as they are."""
        return _apart(keeper, loser).count()

    def move(self, merging: Merging) -> int:
        """Move what does not overlap, and leave one bond that goes on."""
        mine, theirs = _open(merging.keeper), _open(merging.loser)
        holds = rules.bond(
            keeper_bound=mine is not None,
            loser_bound=theirs is not None,
            take=merging.take,
        )
        ids = list(_apart(merging.keeper, merging.loser).values_list("pk", flat=True))
        movers.record(merging.merge, MODEL, MOVED, ids)
        Binding.objects.filter(pk__in=ids).update(member=merging.keeper)
        if theirs is not None and theirs.pk not in ids:
            _end(merging, theirs)
            if holds is rules.Bond.LOSERS:
                if mine is not None:
                    _end(merging, mine)
                made = _again(theirs, merging.keeper, now=merging.now)
                movers.record(merging.merge, MODEL, MADE, [made.pk] if made else [])
        return len(ids)

    def undo(self, merging: Merging) -> None:
        """Give back what moved; what the merge ended goes on from now."""
        of = {
            kind: movers.recorded(merging.merge, MODEL, kind)
            for kind in (MOVED, ENDED, MADE)
        }
        Binding.objects.filter(pk__in=of[MOVED], member=merging.keeper).update(
            member=merging.loser
        )
        made = Binding.objects.filter(pk__in=of[MADE]).first()
        rebound = made is not None and made.period.upper is not None
        if made is not None and not rebound:
            bindings.end(made, now=merging.now)
        for bond in Binding.objects.filter(pk__in=of[ENDED]):
            if bond.member_id == merging.keeper.pk and rebound:
                continue  # the customer has chosen somebody since
            _again(bond, bond.member, now=merging.now)


def _open(member: Member) -> Binding | None:
    return Binding.objects.current().filter(member=member).first()


def _apart(keeper: Member, loser: Member) -> QuerySet[Binding]:
    """Return the loser's bonds of times in which the keeper had none."""
    kept = Binding.objects.filter(member=keeper, period__overlap=OuterRef("period"))
    return Binding.objects.filter(~Exists(kept), member=loser)


def _end(merging: Merging, bond: Binding) -> None:
    movers.record(merging.merge, MODEL, ENDED, [bond.pk])
    bindings.end(bond, now=merging.now)


def _again(bond: Binding, member: Member, *, now: datetime) -> Binding | None:
    """Bind the member as the bond did; None where nobody of that name serves there."""
    if _open(member) is not None or not staff_services.serves_at(
        bond.staff, bond.store, clock.day_of(now)
    ):
        return None
    return Binding.objects.create(
        member=member,
        staff=bond.staff,
        store=bond.store,
        code=bond.code,
        period=DateTimeTZRange(bindings.free_from(member, now=now), None, "[)"),
        source=Binding.Source.MERGE,
        created_at=now,
    )
