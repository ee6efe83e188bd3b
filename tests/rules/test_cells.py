"""What people and spreadsheets write in cells, and what is read of it."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from apps.imports.rules import columns, values
from apps.imports.rules.values import TAIPEI, Unreadable


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1280", 1280),
        ("1,280", 1280),
        ("NT$1,280", 1280),
        ("nt$ 1,280.00", 1280),
        ("1280元", 1280),
        ("１，２８０", 1280),
        ("-300", -300),
        ("(300)", -300),
        ("1280.0", 1280),
    ],
)
def test_whole_numbers(written: str, number: int) -> None:
    assert values.whole(written) == number


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("12.5", "fraction"),
        ("abc", "number"),
        ("", "number"),
        ("1.2E+08", "scientific"),
        ("12 元 5 角", "number"),
    ],
)
def test_no_whole_numbers(written: str, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        values.whole(written)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024-03-05", date(2024, 3, 5)),
        ("2024/3/5", date(2024, 3, 5)),
        ("2024.3.5", date(2024, 3, 5)),
        ("20240305", date(2024, 3, 5)),
        ("2024年3月5日", date(2024, 3, 5)),
        ("113/3/5", date(2024, 3, 5)),
        ("1130305", date(2024, 3, 5)),
        ("民國113年3月5日", date(2024, 3, 5)),
        ("中華民國 113 年 3 月 5 日", date(2024, 3, 5)),
        ("民國 99/1/5", date(2010, 1, 5)),
        ("99/1/5", date(2010, 1, 5)),
        ("２０２４／０３／０５", date(2024, 3, 5)),
        ("45356", date(2024, 3, 5)),
        ("113/2/29", date(2024, 2, 29)),
    ],
)
def test_days(written: str, day: date) -> None:
    assert values.day(written) == day


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("昨天", "day"),
        ("05/03/2024", "day"),
        ("112/2/29", "calendar"),
        ("2024/13/1", "calendar"),
        ("2399/1/1", "year"),
    ],
)
def test_no_days(written: str, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        values.day(written)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("written", "clock"),
    [
        ("2024/3/5", (0, 0, 0)),
        ("2024/3/5 14:05", (14, 5, 0)),
        ("2024/3/5 14:05:09", (14, 5, 9)),
        ("113/3/5 下午 02:05", (14, 5, 0)),
        ("2024-03-05 上午12:05", (0, 5, 0)),
        ("2024-03-05 12:05 PM", (12, 5, 0)),
        ("20240305 09:30", (9, 30, 0)),
        ("2024-03-05T14:05:09", (14, 5, 9)),
    ],
)
def test_moments_are_of_taipei(written: str, clock: tuple[int, int, int]) -> None:
    assert values.moment(written) == datetime(2024, 3, 5, *clock, tzinfo=TAIPEI)


def test_a_moment_that_names_its_offset_keeps_it() -> None:
    assert values.moment("2024-03-05T06:05:00Z") == values.moment("2024/3/5 14:05")


def test_a_moment_that_no_clock_shows() -> None:
    with pytest.raises(Unreadable):
        values.moment("2024/3/5 25:05")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0912345678", "0912345678"),
        ("912345678", "0912345678"),
        ("912345678.0", "0912345678"),
        ("'0912-345-678", "0912345678"),
        ("886912345678", "+886912345678"),
        ("227718899", "0227718899"),
        ("(02) 2771-8899", "0227718899"),
        ("+81 90 1234 5678", "+819012345678"),
    ],
)
def test_telephone_numbers_get_their_zero_back(written: str, number: str) -> None:
    assert values.phone(written) == number


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Y", True),
        ("是", True),
        ("同意", True),
        ("V", True),
        ("0", False),
        ("否", False),
    ],
)
def test_ticks(written: str, *, said: bool) -> None:
    assert values.flag(written) is said


def test_a_tick_that_says_neither() -> None:
    with pytest.raises(Unreadable):
        values.flag("也許")


def test_headings_are_recognised_whatever_their_dress() -> None:
    header = ["訂單 編號", "會員手機號碼", "單價(元)", "數量", "備註", "單價"]

    found = columns.guess(
        header,
        {
            "number": ["訂單編號"],
            "phone": ["手機", "電話"],
            "price": ["單價"],
            "quantity": ["數量"],
        },
    )

    assert found == {"number": 0, "phone": 1, "price": 5, "quantity": 3}


def test_a_column_is_taken_once() -> None:
    found = columns.guess(["編號"], {"one": ["編號"], "other": ["編號"]})

    assert found == {"one": 0}
