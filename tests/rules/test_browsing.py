"""What may be kept of what a visitor typed, and what lies in a cart."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.attribution.rules.browsing import cart_after, without_names


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("羊毛 大衣", "羊毛 大衣"),
        ("  coat\t\n M ", "coat M"),
        ("AB-1234", "AB-1234"),
        ("iPhone 15 128", "iPhone 15 128"),
        ("siyu.chen@example.com", ""),
        ("大衣 siyu@example.com 給我", "大衣 給我"),
        ("ｓｉｙｕ＠ｅｘａｍｐｌｅ．ｃｏｍ", ""),
        ("0912345678", ""),
        ("0912-345-678 的訂單", "的訂單"),
        ("0912 345 678", ""),
        ("+886 912 345 678", ""),
        ("(02) 2345-6789", ""),
        ("０９１２３４５６７８", ""),
        ("A123456789", ""),
        ("大衣A123456789", "大衣"),
        ("\x00羊\x07毛", "羊 毛"),
        ("", ""),
    ],
)
def test_words_that_may_name_a_person_are_left_out(typed: str, kept: str) -> None:
    assert without_names(typed, 80) == kept


@given(st.text(), st.text(alphabet="0123456789 -@.a+"), st.integers(1, 90))
def test_no_address_and_no_telephone_number_is_ever_kept(
    words: str, digits: str, limit: int
) -> None:
    kept = without_names(f"{words} {digits} {words}", limit)

    assert len(kept) <= limit
    assert "@" not in kept
    assert not re.search(r"\d{7}", kept)
    assert without_names(kept, limit) == kept


@pytest.mark.parametrize(
    ("events", "cart"),
    [
        ([], {}),
        ([("cart_added", {"a": 1}), ("cart_added", {"a": 2, "b": 1})],
         {"a": 3, "b": 1}),
        ([("cart_added", {"a": 1}), ("cart_removed", {"a": 5})], {}),
        ([("cart_added", {"a": 1}), ("cart", {"b": 2})], {"b": 2}),
        ([("cart", {"b": 2, "c": 0}), ("cart_removed", {"b": 1})], {"b": 1}),
        ([("cart", {"b": 2}), ("cart", {})], {}),
    ],
)  # fmt: skip
def test_the_cart_is_what_the_events_leave(
    events: list[tuple[str, dict[str, int]]], cart: dict[str, int]
) -> None:
    assert cart_after(events) == cart
