"""What a merged card says, whose bond holds, until when a merge can be undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.members.rules import merging as rules
from apps.members.rules.merging import Bond, Card, Late

JAN, MAY = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
EMPTY: dict[str, Any] = {
    "name": "", "nickname": "", "phone": "", "email": "", "gender": "",
    "birthday": None, "home_store_id": None,
}  # fmt: skip


def card(at: datetime | None = None, **fields: Any) -> Card:
    return Card(EMPTY | fields, at)


@pytest.mark.parametrize(
    ("keeper", "loser", "take", "changed"),
    [
        (card(name="甲"), card(name="乙"), (), {}),
        (card(name="甲"), card(name="乙"), ("name",), {"name": "乙"}),
        (card(name="甲"), card(), ("name",), {}),
        (card(), card(name="乙", home_store_id=3), (),
         {"name": "乙", "home_store_id": 3}),
        (card(), card(MAY), (), {"registered_at": MAY, "stage": "registered"}),
        (card(MAY), card(JAN), (), {"registered_at": JAN}),
        (card(JAN), card(MAY), (), {}),
        (card(JAN), card(), (), {}),
    ],
)  # fmt: skip
def test_the_card(
    keeper: Card, loser: Card, take: tuple[str, ...], changed: dict[str, Any]
) -> None:
    assert rules.changes(keeper, loser, take=take) == changed


@pytest.mark.parametrize(
    ("keeper", "loser", "take", "holds"),
    [
        (False, False, (), Bond.NONE),
        (True, False, ("binding",), Bond.KEEPERS),
        (False, True, (), Bond.LOSERS),
        (True, True, (), Bond.KEEPERS),
        (True, True, ("binding",), Bond.LOSERS),
    ],
)
def test_the_bond(
    *, keeper: bool, loser: bool, take: tuple[str, ...], holds: Bond
) -> None:
    assert rules.bond(keeper_bound=keeper, loser_bound=loser, take=take) is holds


@pytest.mark.parametrize(
    ("days", "undone", "alias", "reason"),
    [
        (0, False, False, None),
        (30, False, False, None),
        (31, False, False, Late.TOO_LATE),
        (1, True, False, Late.UNDONE),
        (1, False, True, Late.MERGED_ON),
    ],
)
def test_until_when(
    *, days: int, undone: bool, alias: bool, reason: Late | None
) -> None:
    past = rules.Past(JAN, is_undone=undone, keeper_is_alias=alias)
    now = JAN + timedelta(days=days)
    assert rules.why_not_undo(past, now=now, within=timedelta(days=30)) is reason
