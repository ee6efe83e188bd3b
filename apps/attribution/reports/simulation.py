"""What a simulation found: sums before and after, and the orders that would move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, QuerySet, Sum
from django.utils.translation import gettext as _

from apps.attribution import rules, words
from apps.attribution.models import Basis, Simulation, SimulationChange
from apps.attribution.reports import policies
from apps.attribution.reports.case import with_store
from apps.attribution.reports.telling import percent
from apps.attribution.rules import Policy, Side
from apps.attribution.rules.policy import HOUSE
from apps.staff.models import Staff
from apps.stores.models import Store

STORE, PERSON, CLASS = "store", "person", "class"
KEYS = {STORE: "store", PERSON: "staff", CLASS: "basis"}


@dataclass(frozen=True)
class Comparison:
    """What one store, person or class is credited, NT$, by both policies."""

    label: str
    before: int
    after: int
    commission_before: int
    commission_after: int

    @property
    def difference(self) -> int:
        """Return what the draft adds, or takes away."""
        return self.after - self.before

    @property
    def commission_difference(self) -> int:
        """Return what the draft adds to the commission, or takes away."""
        return self.commission_after - self.commission_before


@dataclass(frozen=True)
class SideTold:
    """Who takes a line under one policy, by what, and why the other one does not."""

    who: str
    basis: str
    label: str
    act: str
    why: str


@dataclass(frozen=True)
class Moved:
    """A line that the draft would give to somebody else."""

    row: SimulationChange
    before: SideTold
    after: SideTold


def comparison(simulation: Simulation, by: str) -> list[Comparison]:
    """Return the sums by store, person or class, the largest difference first."""
    key = KEYS[by]
    sums = simulation.sums.values(key).annotate(
        was=Sum("before"),
        would_be=Sum("after"),
        paid=Sum("commission_before"),
        would_pay=Sum("commission_after"),
    )
    rows = list(sums)
    labels = _labels(by, [row[key] for row in rows])
    told = [
        Comparison(
            labels[row[key]], row["was"], row["would_be"], row["paid"], row["would_pay"]
        )
        for row in rows
    ]
    return sorted(told, key=lambda c: (-abs(c.difference), -c.after, c.label))


def _labels(by: str, keys: Sequence[int | str | None]) -> dict[int | str | None, str]:
    if by == CLASS:
        return {basis.value: str(basis.label) for basis in Basis}
    found: dict[int | str | None, str]
    ids = [key for key in keys if key is not None]
    if by == STORE:
        found = {pk: row.label for pk, row in Store.objects.in_bulk(ids).items()}
        found[None] = _("總部")
    else:
        found = {pk: row.label for pk, row in Staff.objects.in_bulk(ids).items()}
        found[None] = _("總部或門市，不分潤")
    return found


def changes(simulation: Simulation) -> QuerySet[SimulationChange]:
    """Return the lines that would move, the largest first."""
    moved = simulation.changes.select_related("order", "line")
    return moved.order_by(F("amount").desc(), "pk")


def told(simulation: Simulation, rows: Sequence[SimulationChange]) -> list[Moved]:
    """Put both sides of each line into words; the queries are of a fixed number."""
    sides = {
        row.pk: (Side.from_json(row.before), Side.from_json(row.after)) for row in rows
    }
    every = [side for pair in sides.values() for side in pair]
    names = _Names(
        Staff.objects.in_bulk(
            {
                staff
                for side in every
                for staff in (side.staff_id, *(share[0] for share in side.shares))
                if staff
            }
        ),
        Store.objects.in_bulk({side.store_id for side in every if side.store_id}),
    )
    published = policies.published()
    draft = rules.Policy.from_json(simulation.rules)
    moved = []
    for row in rows:
        before, after = sides[row.pk]
        ladder = policies.in_force(published, row.placed_at).rules
        moved.append(
            Moved(
                row,
                names.tell(row, before, after, ladder),
                names.tell(row, after, before, draft),
            )
        )
    return moved


@dataclass(frozen=True)
class _Names:
    """The people and stores that are named."""

    staff: dict[int, Staff]
    stores: dict[int, Store]

    def tell(
        self, row: SimulationChange, own: Side, other: Side, ladder: Policy
    ) -> SideTold:
        """Say who takes the line on this side, and why the other side's does not."""
        person = self.staff.get(own.staff_id or 0)
        store = self.stores.get(own.store_id or 0)
        return SideTold(
            who=self._shared(own) or with_store(person, store),
            basis=own.winner.basis,
            label=words.basis_label(own.winner.basis),
            act=words.winning_act(own.winner, row.placed_at),
            why=_why_not(own, other, ladder),
        )

    def _shared(self, own: Side) -> str:
        """Name everybody with their part, where the line is shared out."""
        return _("、").join(
            _("%(who)s %(share)s%%")
            % {
                "who": self.staff[staff].label if staff else _("總部或門市"),
                "share": percent(share),
            }
            for staff, share in own.shares
        )


def _why_not(own: Side, other: Side, ladder: Policy) -> str:
    """Say why what wins under the other policy does not win under this one."""
    basis = other.winner.basis
    if basis == HOUSE:
        return ""
    facts = {"basis": words.basis_label(basis)}
    if ladder.rank(basis) is None:
        return _("%(basis)s不在這套規則裡。") % facts
    if own.rival is None:
        return ""
    rung = ladder.rungs[own.rival.rank - 1]
    facts["reason"] = words.reason(own.rival, rung, own.winner)
    return _("%(basis)s：%(reason)s") % facts
