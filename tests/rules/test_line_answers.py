"""What each of LINE's answers to sending means."""

from __future__ import annotations

import pytest

from apps.channels.line import answers
from apps.channels.outcome import Verdict

RATE = "The API rate limit has been exceeded. Try again later."
MONTHLY = "You have reached your monthly limit."
TOKEN = "Invalid reply token"

TABLE: list[tuple[int, object, Verdict, bool]] = [
    (200, {"sentMessages": [{"id": "1"}]}, "accepted", False),
    (202, {}, "accepted", False),
    (409, {"message": "The retry key is already accepted"}, "accepted", False),
    (429, {"message": RATE}, "throttled", False),
    (429, {"message": MONTHLY}, "over_quota", False),
    (429, {"message": "too many messages to the same user"}, "throttled", False),
    (429, "", "throttled", False),
    (400, {"message": TOKEN}, "bad_token", False),
    (400, {"message": "Failed to send messages"}, "rejected", False),
    (400, {"message": "The request body has 1 error(s)"}, "rejected", False),
    (401, {"message": "Authentication failed."}, "unauthorized", False),
    (403, {"message": "Not authorized"}, "rejected", False),
    (404, {"message": "Not found"}, "rejected", False),
    (413, "<html>", "rejected", False),
    (500, {"message": "Internal server error"}, "unreachable", True),
    (502, "<html>Bad Gateway</html>", "unreachable", True),
    (503, None, "unreachable", True),
    (504, "", "unreachable", True),
    (302, "", "unreachable", True),
]


@pytest.mark.parametrize(("status", "body", "verdict", "is_ambiguous"), TABLE)
def test_an_answer_is_read(
    status: int, body: object, verdict: Verdict, *, is_ambiguous: bool
) -> None:
    outcome = answers.read(status, body, {})

    assert outcome.verdict == verdict
    assert outcome.is_ambiguous is is_ambiguous
    assert outcome.status == status


def test_no_connection_is_certain_and_no_answer_is_not() -> None:
    assert not answers.not_sent("refused").is_ambiguous
    assert answers.no_answer("timed out").is_ambiguous


def test_an_accepted_answer_keeps_the_ids() -> None:
    body = {"sentMessages": [{"id": "46", "quoteToken": "q"}, {"id": 47}]}

    outcome = answers.read(200, body, {"x-line-request-id": "r-1"})

    assert outcome.external_ids == ["46", "47"]
    assert outcome.request_id == "r-1"
    assert outcome.reason == ""


def test_a_repeated_key_names_the_request_that_was_accepted() -> None:
    headers = {"x-line-request-id": "r-2", "x-line-accepted-request-id": "r-1"}

    assert answers.read(409, {"message": "again"}, headers).request_id == "r-1"


def test_the_reason_names_the_property() -> None:
    body = {
        "message": "The request body has 1 error(s)",
        "details": [{"message": "May not be empty", "property": "messages[0].text"}],
    }

    assert answers.read(400, body, {}).reason == (
        "The request body has 1 error(s) (messages[0].text: May not be empty)"
    )


@pytest.mark.parametrize(
    "body",
    [
        {"sentMessages": None}, {"sentMessages": ["x", {}]}, [], 7, "text", None,
        {"message": None, "details": ["x"]}, {"message": "x" * 9_000},
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [200, 400, 429, 500])
def test_a_body_of_any_shape_is_survived(status: int, body: object) -> None:
    outcome = answers.read(status, body, {})

    assert outcome.external_ids == []
    assert len(outcome.reason) <= answers.REASON_LENGTH
