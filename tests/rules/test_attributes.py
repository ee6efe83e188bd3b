"""What an answer to one of HQ's own questions means."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from apps.members.rules import profile
from apps.members.rules.attributes import (
    CUSTOMER,
    HQ,
    MACHINE,
    Answer,
    Fault,
    Question,
    Wrong,
    may_edit,
    read,
    read_all,
    short,
)

CHOICES = {"簡約": 1, "通勤": 2, "A、B": 3}


def question(kind: str, *edited_by: str) -> Question:
    return Question(7, "it", "它", kind, CHOICES, edited_by)


@pytest.mark.parametrize(
    ("kind", "raw", "answer"),
    [
        ("text", "  怕羊毛 \x00", Answer(text="怕羊毛")),
        ("text", "", Answer()),
        ("text", None, Answer()),
        ("text", "字" * 301, Wrong.LONG),
        ("number", "1,063.50", Answer(number=Decimal("1063.5"))),
        ("number", 163, Answer(number=Decimal(163))),
        ("number", "１６３", Answer(number=Decimal(163))),
        ("number", "-2.25", Answer(number=Decimal("-2.25"))),
        ("number", "1.23456", Wrong.NUMBER),
        ("number", "NaN", Wrong.NUMBER),
        ("number", "1e15", Wrong.NUMBER),
        ("number", "高", Wrong.NUMBER),
        ("date", "2020-10-20", Answer(day=date(2020, 10, 20))),
        ("date", "民國109年10月20日", Answer(day=date(2020, 10, 20))),
        ("date", "2020-02-31", Wrong.DATE),
        ("date", "去年", Wrong.DATE),
        ("yes_no", "是", Answer(flag=True)),
        ("yes_no", False, Answer(flag=False)),
        ("yes_no", "maybe", Wrong.YES_NO),
        ("choice", "簡約", Answer(picked=(1,))),
        ("choice", "A、B", Answer(picked=(3,))),
        ("choice", "復古", Wrong.CHOICE),
        ("choice", ["簡約", "通勤"], Wrong.ONE),
        ("choices", "通勤、簡約", Answer(picked=(1, 2))),
        ("choices", ["A、B", "簡約", "簡約"], Answer(picked=(1, 3))),
        ("choices", ["", ""], Answer()),
        ("choices", "通勤,復古", Wrong.CHOICE),
    ],
)
def test_an_answer_is_read_by_its_kind(kind: str, raw: Any, answer: object) -> None:
    assert read(question(kind), raw) == answer


@pytest.mark.parametrize(
    ("number", "text"),
    [("163.0000", "163"), ("100", "100"), ("63.50", "63.5"), ("0.0000", "0")],
)
def test_a_number_is_written_short(number: str, text: str) -> None:
    assert short(Decimal(number)) == text


@pytest.mark.parametrize(
    ("audience", "edited_by", "answer"),
    [
        (HQ, (), True),
        (MACHINE, (), True),
        (CUSTOMER, (), False),
        (CUSTOMER, ("salesperson",), False),
        ("salesperson", ("manager", "salesperson"), True),
        ("manager", ("salesperson",), False),
    ],
)
def test_who_may_edit(audience: str, edited_by: tuple[str, ...], answer: bool) -> None:  # noqa: FBT001
    assert may_edit(question("text", *edited_by), audience) is answer


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"it": "x"}, {7: Answer(text="x")}),
        ({"it": ""}, {7: Answer()}),
        ({"nothing": "x"}, Fault("nothing", Wrong.UNKNOWN)),
        ({}, {}),
    ],
)
def test_the_first_fault_refuses_it_all(said: dict[str, object], found: object) -> None:
    assert read_all(said, {"it": question("text")}, audience=HQ) == found
    if "it" in said:
        fault = Fault("it", Wrong.FORBIDDEN)
        asked = {"it": question("text")}
        assert read_all(said, asked, audience=CUSTOMER) == fault


@pytest.mark.parametrize(
    ("filled", "done", "missing"),
    [
        ({}, 0, ()),
        ({"name": True, "email": False}, 1, ("email",)),
        ({"name": True, "attr:style": True}, 2, ()),
    ],
)
def test_how_whole_a_profile_is(
    filled: dict[str, bool], done: int, missing: tuple[str, ...]
) -> None:
    found = profile.progress(filled)
    assert (found.done, found.of, found.missing) == (done, len(filled), missing)
    assert found.is_complete is (not missing)
