"""Figures, times and telephone numbers are written as people read them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from apps.ui import words

NOW = datetime(2026, 11, 22, 2, 42, tzinfo=UTC)  # Sunday 10:42 in Taipei


@pytest.mark.parametrize(
    ("amount", "chinese", "english"),
    [
        (0, "0", "0"),
        (9_800, "9,800", "9,800"),
        (64_000, "6.4 萬", "64k"),
        (350_000, "35 萬", "350k"),
        (12_840_000, "1,284 萬", "12.8M"),
        (-64_000, "−6.4 萬", "−64k"),
    ],
)
def test_aggregates_are_short_in_both_languages(
    amount: int, chinese: str, english: str
) -> None:
    with translation.override("zh-hant"):
        assert words.wan(amount) == chinese
    with translation.override("en"):
        assert words.wan(amount) == english


def test_money_carries_its_sign_before_the_currency() -> None:
    assert words.money(5480) == "NT$5,480"
    assert words.money(-380) == "−NT$380"


def test_shares_are_written_from_basis_points() -> None:
    assert words.percent(3680) == "36.8%"
    assert words.percent(-80) == "−0.8%"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("0912345678", "0912-***-678"),
        ("+886912345678", "0912-***-678"),
        ("02-2521-3344", "***-344"),
        ("", ""),
    ],
)
def test_telephone_numbers_hide_their_middle(number: str, shown: str) -> None:
    assert words.masked_phone(number) == shown


@pytest.mark.parametrize(
    ("before", "shown"),
    [
        (timedelta(seconds=20), "剛剛"),
        (timedelta(minutes=12), "12 分前"),
        (timedelta(hours=3), "3 小時前"),
        (timedelta(hours=20), "昨天 14:42"),
        (timedelta(days=3), "3 天前"),
        (timedelta(days=30), "10/23(五)"),
        (timedelta(days=400), "2025/10/18(六)"),
    ],
)
def test_past_moments_are_told_as_people_say_them(
    before: timedelta, shown: str
) -> None:
    with translation.override("zh-hant"):
        assert words.ago(NOW - before, now=NOW) == shown


def test_a_wait_grows_from_minutes_to_days() -> None:
    with translation.override("zh-hant"):
        assert words.waited(NOW - timedelta(minutes=12), now=NOW) == "等 12 分"
        assert words.waited(NOW - timedelta(hours=26), now=NOW) == "等 1 天"


def test_a_moment_belongs_to_the_day_in_taipei() -> None:
    late = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
    assert words.as_day(late).isoformat() == "2026-11-22"
