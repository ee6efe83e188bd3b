"""What an attempt's outcome makes of a delivery: facts in, next state and reason out.

The states and arrows are those of docs/architecture.md, "Sending"; the database holds
the arrows by a trigger.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from apps.channels.outcome import Outcome

State = Literal[
    "queued", "sending", "accepted", "skipped", "failed", "quota_hold", "channel_hold",
    "unknown", "cancelled",
]  # fmt: skip
Kind = Literal["reply", "push"]

# LINE forgets a retry key after 24 hours; an hour is left for clocks and queues.
KEY_TRUSTED = timedelta(hours=23)
FIRST_WAIT = 2.0  # seconds; doubled at each further attempt
LONGEST_WAIT = 600.0
# So many failures in a row are the channel's, not one message's.
TROUBLES_SLOW = 5
LONGEST_SLOW = 60.0

NO_ANSWER = "no_answer"
BLOCKED = "blocked"
KEY_EXPIRED = "key_expired"
NO_TOKEN = "unauthorized"  # noqa: S105  (a reason, no secret)
NO_QUOTA = "over_quota"


@dataclass(frozen=True)
class Tried:
    """A delivery at the end of an attempt; `is_latest`: no other attempt began since.

    `spread` between 0 and 1 scatters the waits, so that what failed together does not
    come back together.
    """

    state: State
    kind: Kind
    attempts: int
    first_attempt_at: datetime
    was_ambiguous: bool
    is_latest: bool
    spread: float


@dataclass(frozen=True)
class Step:
    """Where a delivery goes from here."""

    state: State
    kind: Kind
    reason: str
    was_ambiguous: bool
    wait: timedelta = timedelta(0)


@dataclass(frozen=True)
class Slowing:
    """How an outcome changes an account's pace."""

    troubles: int
    wait: timedelta | None = None


def after(tried: Tried, outcome: Outcome, *, now: datetime) -> Step | None:
    """Return the next step, None where the outcome comes too late to matter.

    A sender that outlived its lease may still bring the news that the channel has the
    message: the same key makes it the same message, whoever holds the lease.
    """
    if tried.state != "sending":
        return None
    if outcome.verdict == "accepted":
        return Step("accepted", tried.kind, "", tried.was_ambiguous)
    if not tried.is_latest:
        return None
    if outcome.is_ambiguous:
        return _unsure(tried, outcome, now=now)
    return _declined(tried, outcome)


def _unsure(tried: Tried, outcome: Outcome, *, now: datetime) -> Step:
    """A push is repeated under its key as long as the channel knows the key.

    A reply has no key: nobody can tell whether it went out, and nothing guesses.
    """
    if tried.kind == "reply":
        return Step("unknown", "reply", NO_ANSWER, was_ambiguous=True)
    if now >= tried.first_attempt_at + KEY_TRUSTED:
        return Step("unknown", "push", KEY_EXPIRED, was_ambiguous=True)
    return Step(
        "queued", "push", outcome.reason or NO_ANSWER, was_ambiguous=True,
        wait=wait_after(tried.attempts, tried.spread),
    )  # fmt: skip


def _declined(tried: Tried, outcome: Outcome) -> Step:
    before = tried.was_ambiguous
    if outcome.verdict == "bad_token" and tried.kind == "reply":
        return Step("queued", "push", "", before)
    if outcome.verdict == "over_quota":
        return Step("quota_hold", tried.kind, NO_QUOTA, before)
    if outcome.verdict == "unauthorized":
        return Step("channel_hold", tried.kind, NO_TOKEN, before)
    if outcome.verdict in ("throttled", "unreachable"):
        wait = wait_after(tried.attempts, tried.spread)
        return Step("queued", tried.kind, outcome.reason, before, wait=wait)
    return Step("failed", tried.kind, outcome.reason, before)


def wait_after(attempts: int, spread: float) -> timedelta:
    """Return the wait: doubled each time, capped, times a half to one and a half."""
    seconds = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempts - 1, 20))
    return timedelta(seconds=seconds * (0.5 + spread))


def slowing(troubles: int, outcome: Outcome, *, spread: float) -> Slowing | None:
    """Return what an outcome does to the account's pace, None for nothing.

    A rate limit slows at once; failures to answer slow when they come in a row; a
    message taken or refused for its own sake shows that the channel works.
    """
    if outcome.verdict not in ("throttled", "unreachable"):
        return Slowing(0) if troubles else None
    now = troubles + 1
    beyond = now if outcome.verdict == "throttled" else now - TROUBLES_SLOW
    if beyond < 1:
        return Slowing(now)
    seconds = min(LONGEST_SLOW, 2.0 ** min(beyond - 1, 10))
    return Slowing(now, timedelta(seconds=seconds * (0.5 + spread)))
