"""What a tag may be called, how long it lasts, and a sum taken apart, by tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from apps.members.rules import tags
from apps.members.rules.tags import Fault, Given

AT = datetime(2026, 11, 22, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("", []),
        (" ； 、", []),
        ("大衣控", ["大衣控"]),
        ("大衣控;送禮；小個子、怕刺", ["大衣控", "送禮", "小個子", "怕刺"]),
        ("VIP; vip ;Vip", ["VIP"]),
        ("上身  S\n下身 27", ["上身 S", "下身 27"]),
        ("a, b", ["a, b"]),
    ],
)
def test_a_cell_is_split_at_its_separators(cell: str, names: list[str]) -> None:
    assert tags.names(cell) == names


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("送禮", None),
        ("字" * 30, None),
        ("字" * 31, Fault.LONG),
        ("  ", Fault.EMPTY),
        ("送禮、自用", Fault.SEPARATOR),
        ("a;b", Fault.SEPARATOR),
    ],
)
def test_a_name_that_could_not_be_read_back_is_none(
    name: str, fault: Fault | None
) -> None:
    assert tags.fault_of(name) == fault


@pytest.mark.parametrize(
    ("days", "last"),
    [
        (None, None),
        (1, date(2026, 11, 23)),
        (30, date(2026, 12, 22)),
    ],
)
def test_the_days_count_from_the_day_it_is_given(
    days: int | None, last: date | None
) -> None:
    assert tags.last_day(days, date(2026, 11, 22)) == last


MINE = Given(2, AT - 9 * DAY, AT - 5 * DAY, AT + DAY, "hq")
THEIRS = Given(3, AT - 30 * DAY, AT - DAY, None, "import")
SUM = Given(5, AT - 30 * DAY, AT - DAY, None, "import")


@pytest.mark.parametrize(
    ("now", "left"),
    [
        (SUM, MINE),
        # Given once more since: the later moment stays, the count is all but theirs.
        (
            replace(SUM, count=6, last_at=AT),
            replace(MINE, count=3, last_at=AT),
        ),
        (
            replace(SUM, expires_at=AT + 9 * DAY),
            replace(MINE, expires_at=AT + 9 * DAY),
        ),
        # Taken and given anew since: there is no share of theirs in it.
        (replace(SUM, count=1), replace(MINE, count=1)),
    ],
)
def test_a_sum_is_taken_apart(now: Given, left: Given) -> None:
    assert tags.apart(now, before=MINE, after=SUM, other=THEIRS) == left
