"""The shape of a binding token, and finding it in what people send."""

import pytest

from apps.members.rules import tokens

TOKEN = "7K3MQ2ZD-4F8N1XW0RT"


@pytest.mark.parametrize(
    "text",
    [
        TOKEN,
        TOKEN.lower(),
        f"  {TOKEN} ",
        "７Ｋ３ＭＱ２ＺＤ－４Ｆ８Ｎ１ＸＷ０ＲＴ",  # full width
        "7K3MQ2ZD–4F8N1XW0RT",  # en dash
        "7K3MQ2ZDー4F8N1XW0RT",  # the long vowel mark of a Japanese keyboard
        "7K3MQ2ZD - 4F8N1XW0RT",
        "7K3MQ2ZD4F8N1XW0RT",  # hyphen lost
        "7K3MQ2ZD-4F8NIXWORT",  # I and O for 1 and 0
        "7K3MQ2ZD-4F8NlXWoRT",
    ],
)
def test_a_token_survives_keyboards(text: str) -> None:
    assert str(tokens.parsed(text)) == TOKEN


@pytest.mark.parametrize(
    "text", ["", "7K3MQ2ZD", f"{TOKEN}X", f"X{TOKEN}", "7K3MQ2ZU-4F8N1XW0RT", "你好"]
)
def test_what_is_no_token_is_none(text: str) -> None:
    assert tokens.parsed(text) is None


@pytest.mark.parametrize(
    "text",
    [
        f"您好，我想綁定。\n綁定碼 #{TOKEN}",
        f"妳好！{TOKEN}，今天看到的大衣還有嗎",
        f"你好#{TOKEN}謝謝",
        f"ＨＩ　＃{TOKEN.lower()}",
        f"> {TOKEN}\n>\n嗨",
    ],
)
def test_a_token_is_found_in_an_edited_message(text: str) -> None:
    assert [str(found) for found in tokens.found_in(text)] == [TOKEN]


def test_only_what_follows_the_mark_is_meant_as_a_token() -> None:
    marked, plain = tokens.found_in(f"# {TOKEN} 訂單 20261122-0123456789")
    assert marked.is_marked
    assert not plain.is_marked


def test_a_signature_takes_the_first_fifty_bits() -> None:
    assert tokens.encoded(bytes(32)) == "0" * 10
    assert tokens.encoded(b"\xff" * 32) == "Z" * 10
    assert tokens.encoded(b"\x08" + bytes(31)) == "1000000000"
