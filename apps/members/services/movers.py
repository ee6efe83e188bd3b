"""How each table follows a merge: the rooms above register theirs here.

Members lies below orders, points and conversations, so it cannot name their tables.
Every field that points to a member needs a mover; `tests/members` walks the models and
fails for one without. A plain table takes one line in its app's `ready()`:

    movers.register(movers.Rows("visits.Booking", _("預約")))
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.functional import Promise

from apps.members.models import Member, Merge, MergedRow

Words = str | Promise
Field = tuple[str, str]  # such as ("orders.Order", "member")


@dataclass(frozen=True)
class Merging:
    """A merge under way, or being undone: its row, both people locked, and when.

    `take` names what of the loser's was chosen over the keeper's.
    """

    merge: Merge
    keeper: Member
    loser: Member
    now: datetime
    take: frozenset[str] = frozenset()


class Mover(Protocol):
    """How rows of one kind follow a merge, and how they come back."""

    @property
    def label(self) -> Words:
        """What the preview calls them; "" for what no person needs to hear of."""

    @property
    def covers(self) -> frozenset[Field]:
        """The fields that it answers for."""

    def foresee(self, keeper: Member, loser: Member) -> int:
        """Return how many would move."""

    def move(self, merging: Merging) -> int:
        """Move them and record what moved; return how many."""

    def undo(self, merging: Merging) -> None:
        """Bring back what moved; Refused where later changes make it impossible."""


MOVERS: list[Mover] = []


def register(*movers: Mover) -> None:
    """Let the movers work in every merge, in the order in which they are registered."""
    MOVERS.extend(mover for mover in movers if mover not in MOVERS)


def covered() -> frozenset[Field]:
    """Return every field that some mover answers for."""
    return frozenset(field for mover in MOVERS for field in mover.covers)


@dataclass(frozen=True)
class Rows:
    """Rows that simply become the keeper's.

    `apart` names columns whose values the keeper may have already, such as a tag: such
    a row stays with the alias.
    """

    model: str
    label: Words
    field: str = "member"
    apart: tuple[str, ...] = ()

    @property
    def covers(self) -> frozenset[Field]:
        """The one field."""
        return frozenset({(self.model, self.field)})

    def foresee(self, keeper: Member, loser: Member) -> int:
        """Return how many would move."""
        return self._of(keeper, loser).count()

    def move(self, merging: Merging) -> int:
        """Give the loser's rows to the keeper."""
        found = self._of(merging.keeper, merging.loser)
        ids = list(found.values_list("pk", flat=True))
        record(merging.merge, self.model, self.field, ids)
        self._rows.filter(pk__in=ids).update(**{self.field: merging.keeper.pk})
        return len(ids)

    def undo(self, merging: Merging) -> None:
        """Give back what moved and is still the keeper's."""
        ids = recorded(merging.merge, self.model, self.field)
        self._rows.filter(pk__in=ids, **{self.field: merging.keeper.pk}).update(
            **{self.field: merging.loser.pk}
        )

    @property
    def _rows(self) -> models.QuerySet[Any]:
        return rows_of(self.model)

    def _of(self, keeper: Member, loser: Member) -> models.QuerySet[Any]:
        found = self._rows.filter(**{self.field: loser.pk})
        if self.apart:
            same = {name: OuterRef(name) for name in self.apart}
            kept = self._rows.filter(**{self.field: keeper.pk}, **same)
            found = found.exclude(Exists(kept))
        return found


@dataclass(frozen=True)
class Stays:
    """Rows that stay where they are, and why: history, or figures made anew."""

    covers: frozenset[Field]
    why: str
    label: Words = field(default="")

    def foresee(self, keeper: Member, loser: Member) -> int:
        """Nothing moves."""
        return 0

    def move(self, merging: Merging) -> int:
        """Nothing moves."""
        return 0

    def undo(self, merging: Merging) -> None:
        """Nothing moved."""


def stays(why: str, *fields: Field) -> Stays:
    """Return the mover of fields that no merge touches."""
    return Stays(frozenset(fields), why)


def rows_of(model: str) -> models.QuerySet[Any]:
    """Return all rows of the model of that name, past any default filter."""
    found: models.QuerySet[Any] = apps.get_model(model)._base_manager.all()  # noqa: SLF001  (documented API)
    return found


def record(
    merge: Merge,
    model: str,
    field: str,
    ids: Iterable[int],
    was: dict[str, Any] | None = None,
) -> None:
    """Keep that the merge moved these rows; call it before they change."""
    MergedRow.objects.bulk_create(
        (
            MergedRow(merge=merge, model=model, field=field, row_id=pk, was=was or {})
            for pk in ids
        ),
        batch_size=2000,
    )


def recorded(merge: Merge, model: str, field: str) -> Collection[int]:
    """Return the ids of the rows that the merge moved."""
    return list(
        merge.rows.filter(model=model, field=field).values_list("row_id", flat=True)
    )
