"""What a coupon takes off, every reason why not, and who receives one: by tables."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from apps.core import clock
from apps.loyalty.rules import coupons as rules
from apps.loyalty.rules.coupons import Basket, Copy, Item, Limits, Period, Terms

NOW = datetime(2026, 11, 20, 12, tzinfo=clock.TAIPEI)
US = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
WEB, STORE = "web", "store"


def terms(**fields: object) -> Terms:
    return Terms(**{"amount": 200, **fields})  # type: ignore[arg-type]


def basket(total: int = 1_000, channel: str = WEB, **fields: object) -> Basket:
    return Basket(channel, sum=total, **fields)  # type: ignore[arg-type]


COAT, KNIT = Item(3_000, product_id=1, category_id=10), Item(900, 2, 20)


@pytest.mark.parametrize(
    ("design", "paying", "off"),
    [
        (terms(), basket(1_000), 200),
        (terms(), basket(150), 150),
        (terms(kind="percent", percent=1_000), basket(1_005), 101),
        (terms(kind="percent", percent=1_000), basket(1_004), 100),
        (terms(kind="percent", percent=2_000, most=300), basket(5_000), 300),
        (terms(kind="percent", percent=10_000), basket(999), 999),
        (terms(kind="shipping"), basket(500, shipping=80), 80),
        (terms(kind="shipping"), basket(500), 0),
        (terms(kind="gift"), basket(500), 0),
        (terms(minimum=1_000), basket(1_000), 200),
        (
            terms(kind="percent", percent=1_000, categories=frozenset({10})),
            Basket(WEB, (COAT, KNIT)),
            300,
        ),
        (terms(amount=1_000, products=frozenset({2})), Basket(WEB, (COAT, KNIT)), 900),
        (terms(products=frozenset({2})), basket(700, STORE), 200),
        (terms(is_stackable=True), basket(others=(True,)), 200),
    ],
)
def test_what_is_taken_off(design: Terms, paying: Basket, off: int) -> None:
    answer = rules.check(design, Copy(), paying, now=NOW)
    assert (answer.refusal, answer.discount) == ("", off)


@pytest.mark.parametrize(
    ("refusal", "design", "copy", "paying"),
    [
        ("voided", terms(), Copy(state="voided"), basket()),
        ("used", terms(), Copy(state="redeemed", held_by=("shop", "1")), basket()),
        ("reserved", terms(), Copy(state="reserved", held_by=("t", "1")), basket()),
        ("reserved", terms(), Copy("reserved", held_until=NOW + US), basket()),
        ("not_yours", terms(), Copy(member_id=8), basket()),
        ("draft", terms(state="draft"), Copy(), basket()),
        ("paused", terms(state="paused"), Copy(), basket()),
        ("ended", terms(state="ended"), Copy(), basket()),
        ("capped", terms(uses_left=0), Copy(), basket()),
        ("not_started", terms(), Copy(valid_from=NOW + US), basket()),
        ("expired", terms(), Copy(valid_until=NOW), basket()),
        ("wrong_channel", terms(channels=frozenset({STORE})), Copy(), basket()),
        (
            "wrong_store",
            terms(stores=frozenset({1})),
            Copy(),
            basket(channel=STORE, store_id=2),
        ),
        ("wrong_store", terms(stores=frozenset({1})), Copy(), basket(channel=STORE)),
        ("not_combinable", terms(), Copy(), basket(others=(True,))),
        (
            "not_combinable",
            terms(is_stackable=True),
            Copy(),
            basket(others=(True, False)),
        ),
        (
            "wrong_goods",
            terms(categories=frozenset({99})),
            Copy(),
            Basket(WEB, (COAT, KNIT)),
        ),
        ("below_minimum", terms(minimum=1_001), Copy(), basket()),
        (
            "below_minimum",
            terms(minimum=1_000, products=frozenset({2})),
            Copy(),
            Basket(WEB, (COAT, KNIT)),
        ),
        # What a person can do least about comes first.
        ("used", terms(state="ended"), Copy("redeemed", valid_until=NOW), basket(1)),
        ("ended", terms(state="ended"), Copy(valid_until=NOW), basket(1)),
        ("expired", terms(minimum=5_000), Copy(valid_until=NOW), basket(1)),
    ],
)
def test_why_not(refusal: str, design: Terms, copy: Copy, paying: Basket) -> None:
    answer = rules.check(design, copy, paying, member_id=7, now=NOW)
    assert (answer.refusal, answer.discount) == (refusal, 0)


@pytest.mark.parametrize(
    ("design", "copy"),
    [
        (terms(), Copy(valid_from=NOW)),
        (terms(), Copy(valid_until=NOW + US)),
        (terms(), Copy("reserved", held_until=NOW)),
        (terms(), Copy(member_id=7)),
        (terms(uses_left=1), Copy()),
        (terms(state="draft"), Copy(is_test=True)),
    ],
)
def test_the_edge_of_yes(design: Terms, copy: Copy) -> None:
    assert rules.check(design, copy, basket(), member_id=7, now=NOW).is_allowed


@pytest.mark.parametrize(
    ("design", "copy", "refusal"),
    [
        (terms(), Copy("reserved", held_by=("t", "1"), valid_until=NOW), ""),
        (terms(state="ended"), Copy("reserved", held_by=("t", "1")), ""),
        (terms(uses_left=0), Copy("reserved", held_by=("t", "1")), ""),
        (terms(minimum=2_000), Copy("reserved", held_by=("t", "1")), "below_minimum"),
        (terms(), Copy("reserved", held_by=("t", "2")), "reserved"),
    ],
)
def test_the_order_that_holds_the_copy_is_asked_for_its_goods_only(
    design: Terms, copy: Copy, refusal: str
) -> None:
    answer = rules.check(design, copy, basket(), order=("t", "1"), now=NOW)
    assert answer.refusal == refusal


def test_the_missing_amount_is_told() -> None:
    answer = rules.check(terms(minimum=1_500), Copy(), basket(1_240), now=NOW)
    assert answer.facts == {"minimum": 1_500, "missing": 260}


def taipei(
    month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, *,
    year: int = 2026,
) -> datetime:  # fmt: skip
    return datetime(year, month, day, hour, minute, second, tzinfo=clock.TAIPEI)


@pytest.mark.parametrize(
    ("period", "issued", "opened", "end"),
    [
        (Period("fixed", end=taipei(12, 1)), taipei(11, 20), None, taipei(12, 1)),
        (Period("fixed"), taipei(11, 20), None, None),
        # Whole days in Taipei, whatever the hour.
        (Period("issue", days=7), taipei(11, 20), None, taipei(11, 28)),
        (Period("issue", days=7), taipei(11, 20, 23, 59, 59), None, taipei(11, 28)),
        (Period("issue", days=7), taipei(11, 21), None, taipei(11, 29)),
        # A leap day and a year's end.
        (Period("issue", days=1), taipei(2, 28, 9, year=2028), None,
         taipei(3, 1, year=2028)),
        (Period("issue", days=1), taipei(12, 31, 9), None, taipei(1, 2, year=2027)),
        (Period("open", days=3), taipei(11, 1), None, None),
        (Period("open", end=taipei(12, 1), days=3), taipei(11, 1), None, taipei(12, 1)),
        (Period("open", days=3), taipei(11, 1), taipei(11, 20, 9), taipei(11, 24)),
        # Nothing outlives the coupon itself.
        (Period("issue", end=taipei(11, 25), days=7), taipei(11, 20), None,
         taipei(11, 25)),
        (Period("open", end=taipei(11, 22), days=3), taipei(11, 1), taipei(11, 20),
         taipei(11, 22)),
    ],
)  # fmt: skip
def test_until_when_a_copy_is_good(
    period: Period, issued: datetime, opened: datetime | None, end: datetime | None
) -> None:
    assert rules.validity(period, issued_at=issued, opened_at=opened)[1] == end


def test_the_last_microsecond_counts_and_the_next_does_not() -> None:
    last = rules.validity(Period("issue", days=7), issued_at=NOW, opened_at=None)[1]
    assert last is not None
    copy = Copy(valid_until=last)
    assert rules.check(terms(), copy, basket(), now=last - US).is_allowed
    assert rules.check(terms(), copy, basket(), now=last).refusal == "expired"


@pytest.mark.parametrize(
    ("limits", "held", "answers"),
    [
        (Limits(), {}, ["", "", ""]),
        (Limits(left=2), {}, ["", "", "none_left"]),
        (Limits(left=-1), {}, ["none_left"] * 3),
        (Limits(left=9, left_of_staff=1), {}, ["", "staff_capped", "staff_capped"]),
        (Limits(left_of_campaign=0), {}, ["campaign_capped"] * 3),
        (Limits(left_of_pack=1), {}, ["", "pack_empty", "pack_empty"]),
        # Who had it before takes no place from the others.
        (Limits(left=2, per_member=1), {1: 1}, ["member_capped", "", ""]),
        (Limits(per_member=2), {1: 1, 2: 3}, ["", "member_capped", ""]),
        (Limits(state="paused"), {}, ["paused"] * 3),
        (Limits(state="draft"), {}, ["draft"] * 3),
        (Limits(send_from=NOW + US), {}, ["not_sending_yet"] * 3),
        (Limits(send_from=NOW, send_until=NOW + US), {}, [""] * 3),
        (Limits(send_until=NOW), {}, ["sending_over"] * 3),
    ],
)
def test_who_receives_one(
    limits: Limits, held: dict[int, int], answers: list[str]
) -> None:
    assert list(rules.allot([1, 2, 3], limits, held, now=NOW).values()) == answers


def test_only_a_draft_is_tried() -> None:
    tried = rules.allot([1], Limits(state="draft"), {}, is_test=True, now=NOW)
    late = rules.allot([1], Limits(state="live"), {}, is_test=True, now=NOW)
    assert (tried[1], late[1]) == ("", "not_draft")


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("abcd-efgh jkmn-pqrs", "ABCDEFGHJKMNPQRS"),
        ("　ABCD　", "ABCD"),
        ("A-1-b", "A1B"),
    ],
)
def test_a_code_is_found_however_it_is_written(written: str, key: str) -> None:
    assert rules.key_of(written) == key


def test_our_codes_are_grouped_and_others_are_not() -> None:
    assert rules.grouped("ABCDEFGHJKMNPQRS") == "ABCD-EFGH-JKMN-PQRS"
    assert rules.grouped("4710000000017") == "4710000000017"
    assert len(rules.ALPHABET) == len(set(rules.ALPHABET)) == 32
    assert 5 * rules.CODE_LENGTH >= 80
