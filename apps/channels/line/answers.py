"""Read LINE's answers to sending: which of the outcomes an answer is.

LINE has no error codes, only a status and an English sentence; the sentences that
decide are named here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from apps.channels.outcome import Outcome, Verdict

MONTHLY_LIMIT = "you have reached your monthly limit"
INVALID_REPLY_TOKEN = "invalid reply token"  # noqa: S105  (LINE's words)
REASON_LENGTH = 300


def read(status: int, body: object, headers: Mapping[str, str]) -> Outcome:
    """Classify an answer; `body` is what its JSON said, or its text where it had none.

    409 says that the retry key was accepted before: the message is on its way, and the
    answer repeats the ids of what was sent.
    """
    facts: dict[str, Any] = body if isinstance(body, dict) else {}
    reason = "" if status in (200, 202) else _reason(facts, body)
    earlier = headers.get("x-line-accepted-request-id", "")
    return Outcome(
        verdict=_verdict(status, reason.lower()),
        status=status,
        reason=reason,
        request_id=earlier or headers.get("x-line-request-id", ""),
        external_ids=[
            str(sent["id"])
            for sent in facts.get("sentMessages") or []
            if isinstance(sent, dict) and "id" in sent
        ],
    )


def not_sent(reason: str) -> Outcome:
    """No connection came about: nothing was handed over."""
    return Outcome("unreachable", reason=reason[:REASON_LENGTH], left_us=False)


def no_answer(reason: str) -> Outcome:
    """The request went out and no answer came back: it may have been taken."""
    return Outcome("unreachable", reason=reason[:REASON_LENGTH])


def _verdict(status: int, reason: str) -> Verdict:
    if 200 <= status < 300 or status == 409:
        return "accepted"
    if status == 429:
        return "over_quota" if MONTHLY_LIMIT in reason else "throttled"
    if status == 401:
        return "unauthorized"
    if status == 400 and INVALID_REPLY_TOKEN in reason:
        return "bad_token"
    # A redirect is some proxy's answer and not LINE's; it tells as little as a 5xx.
    return "rejected" if 400 <= status < 500 else "unreachable"


def _reason(facts: Mapping[str, Any], body: object) -> str:
    if "message" not in facts:
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        return text[:REASON_LENGTH]
    details = [
        f"{detail.get('property', '')}: {detail.get('message', '')}".strip(": ")
        for detail in facts.get("details") or []
        if isinstance(detail, dict)
    ]
    message = str(facts["message"])
    joined = f"{message} ({'; '.join(details)})" if any(details) else message
    return joined[:REASON_LENGTH]
