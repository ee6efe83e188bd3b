"""Only what LINE signed is genuine."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from apps.channels.line.signature import is_genuine

BODY = '{"events":[],"emoji":"😀"}'.encode()


def sign(body: bytes, secret: str) -> str:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


@pytest.mark.parametrize("secret", ["present", "next"])
def test_either_secret_proves_the_sender(secret: str) -> None:
    assert is_genuine(BODY, sign(BODY, secret), secrets=["present", "next"])


@pytest.mark.parametrize(
    "signature",
    [
        "", "=", "not base64 at all", "簽章", "\udcff", sign(BODY, "somebody else"),
        sign(BODY + b" ", "present"), sign(BODY, "present").rstrip("="),
        sign(BODY, "present") + "=", sign(BODY, ""),
    ],
)  # fmt: skip
def test_anything_else_is_refused(signature: str) -> None:
    assert not is_genuine(BODY, signature, secrets=["present", ""])


def test_an_account_without_a_secret_takes_nothing() -> None:
    assert not is_genuine(BODY, sign(BODY, ""), secrets=["", ""])
    assert not is_genuine(BODY, sign(BODY, ""), secrets=[])


def test_the_raw_bytes_count_and_not_their_meaning() -> None:
    escaped = b'{"events":[],"emoji":"\\ud83d\\ude00"}'

    assert not is_genuine(escaped, sign(BODY, "present"), secrets=["present"])
    assert is_genuine(b"\x00\xff", sign(b"\x00\xff", "present"), secrets=["present"])
