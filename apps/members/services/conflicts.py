"""Pairs that may be one person: kept once, for somebody to decide."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core.errors import Refused
from apps.members.models import Conflict
from apps.staff.models import Staff

# Said again, a pair that was found to be two people stays decided.
NOTE = """
    insert into members_conflict as known
        (first_id, second_id, source, first_kinds, second_kinds, reference,
         times, state, created_at, seen_at)
    select said.a, said.b, %(source)s, said.a_kinds, said.b_kinds, said.reference,
           said.times, 'open', %(now)s, %(now)s
    from unnest(%(a)s::bigint[], %(b)s::bigint[], %(a_kinds)s::text[],
                %(b_kinds)s::text[], %(reference)s::text[], %(times)s::int[])
         as said(a, b, a_kinds, b_kinds, reference, times)
    order by said.a, said.b
    on conflict (first_id, second_id) do update
    set times = known.times + excluded.times, seen_at = excluded.seen_at
    where known.state = 'open'
"""


@dataclass(frozen=True)
class Said:
    """Two members to whom one row led, with the kinds of the keys that did."""

    one: int
    other: int
    one_kinds: tuple[str, ...]
    other_kinds: tuple[str, ...]
    reference: str = ""

    @property
    def ordered(self) -> tuple[int, int, str, str]:
        """Return the pair, the smaller id first, and the kinds of each."""
        mine, theirs = " ".join(self.one_kinds), " ".join(self.other_kinds)
        if self.one < self.other:
            return self.one, self.other, mine, theirs
        return self.other, self.one, theirs, mine


def note(said: Sequence[Said], *, source: str, now: datetime) -> None:
    """Put the pairs on the review list; a pair that is there counts one more time."""
    if not said:
        return
    last = {each.ordered[:2]: each for each in said}
    times: dict[tuple[int, int], int] = dict.fromkeys(last, 0)
    for each in said:
        times[each.ordered[:2]] += 1
    ordered = [each.ordered for each in last.values()]
    with connection.cursor() as cursor:
        cursor.execute(
            NOTE,
            {
                "source": source,
                "now": now,
                "a": [row[0] for row in ordered],
                "b": [row[1] for row in ordered],
                "a_kinds": [row[2][:60] for row in ordered],
                "b_kinds": [row[3][:60] for row in ordered],
                "reference": [each.reference for each in last.values()],
                "times": [times[pair] for pair in last],
            },
        )


@transaction.atomic
def keep_apart(conflict: Conflict, *, by: Staff, now: datetime) -> Conflict:
    """Decide that the two are different people; Refused "decided" where it is late."""
    conflict = Conflict.objects.select_for_update(of=("self",)).get(pk=conflict.pk)
    if conflict.state == Conflict.State.APART:
        return conflict
    if conflict.state != Conflict.State.OPEN:
        raise Refused("decided", _("這兩筆資料已經合併了。"))
    conflict.state = Conflict.State.APART
    conflict.decided_at, conflict.decided_by = now, by
    conflict.save(update_fields=["state", "decided_at", "decided_by"])
    audit.record("conflict.apart", conflict, by=by, now=now,
                 first=conflict.first_id, second=conflict.second_id)  # fmt: skip
    return conflict


def settle(pair: Collection[int], *, by: Staff | None, now: datetime) -> None:
    """Take the pair off the review list: they were merged."""
    first, second = sorted(pair)
    Conflict.objects.filter(first=first, second=second).update(
        state=Conflict.State.MERGED, decided_at=now, decided_by=by
    )


def reopen(pair: Collection[int], *, now: datetime) -> None:
    """Put the pair on the review list again: the merge was undone."""
    first, second = sorted(pair)
    Conflict.objects.filter(
        first=first, second=second, state=Conflict.State.MERGED
    ).update(state=Conflict.State.OPEN, decided_at=None, decided_by=None, seen_at=now)
