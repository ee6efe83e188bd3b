"""Where an outcome sends a delivery, case by case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.channels.outcome import Outcome
from apps.messaging import rules
from apps.messaging.rules import Kind, State, Step, Tried

NOW = datetime(2026, 7, 30, 4, 0, tzinfo=UTC)
PUSH = Tried(
    state="sending",
    kind="push",
    attempts=1,
    first_attempt_at=NOW,
    was_ambiguous=False,
    is_latest=True,
    spread=0.5,
)
REPLY = replace(PUSH, kind="reply")

ACCEPTED = Outcome("accepted", 200)
REJECTED = Outcome("rejected", 400, "Failed to send messages")
SILENT = Outcome("unreachable", reason="timed out")
UNCONNECTED = Outcome("unreachable", reason="refused", left_us=False)
THROTTLED = Outcome("throttled", 429, "rate")
OVER_QUOTA = Outcome("over_quota", 429, "monthly")
UNAUTHORIZED = Outcome("unauthorized", 401, "token")
BAD_TOKEN = Outcome("bad_token", 400, "Invalid reply token")

TABLE: list[tuple[Tried, Outcome, State, Kind]] = [
    (PUSH, ACCEPTED, "accepted", "push"),
    (PUSH, REJECTED, "failed", "push"),
    (PUSH, SILENT, "queued", "push"),
    (PUSH, UNCONNECTED, "queued", "push"),
    (PUSH, THROTTLED, "queued", "push"),
    (PUSH, OVER_QUOTA, "quota_hold", "push"),
    (PUSH, UNAUTHORIZED, "channel_hold", "push"),
    (PUSH, BAD_TOKEN, "failed", "push"),
    (REPLY, ACCEPTED, "accepted", "reply"),
    (REPLY, REJECTED, "failed", "reply"),
    (REPLY, SILENT, "unknown", "reply"),
    (REPLY, UNCONNECTED, "queued", "reply"),
    (REPLY, THROTTLED, "queued", "reply"),
    (REPLY, OVER_QUOTA, "quota_hold", "reply"),
    (REPLY, UNAUTHORIZED, "channel_hold", "reply"),
    (REPLY, BAD_TOKEN, "queued", "push"),
]


@pytest.mark.parametrize(("tried", "outcome", "state", "kind"), TABLE)
def test_an_outcome_moves_the_delivery(
    tried: Tried, outcome: Outcome, state: State, kind: Kind
) -> None:
    step = rules.after(tried, outcome, now=NOW)

    assert step is not None
    assert (step.state, step.kind) == (state, kind)


@pytest.mark.parametrize("outcome", [SILENT, UNCONNECTED, THROTTLED])
def test_what_is_tried_again_waits(outcome: Outcome) -> None:
    step = rules.after(PUSH, outcome, now=NOW)

    assert step is not None
    assert step.wait == timedelta(seconds=2)


def test_a_refused_reply_token_becomes_a_push_at_once() -> None:
    assert rules.after(REPLY, BAD_TOKEN, now=NOW) == Step(
        "queued", "push", "", was_ambiguous=False
    )


@pytest.mark.parametrize(
    ("age", "state"),
    [
        (timedelta(hours=22, minutes=59), "queued"),
        (timedelta(hours=23), "unknown"),
        (timedelta(days=3), "unknown"),
    ],
)
def test_a_key_is_trusted_for_23_hours(age: timedelta, state: State) -> None:
    old = replace(PUSH, first_attempt_at=NOW - age)

    step = rules.after(old, SILENT, now=NOW)

    assert step is not None
    assert step.state == state


def test_a_certain_failure_needs_no_key_and_is_tried_for_ever() -> None:
    old = replace(PUSH, first_attempt_at=NOW - timedelta(days=3))

    step = rules.after(old, UNCONNECTED, now=NOW)

    assert step is not None
    assert step.state == "queued"
    assert not step.was_ambiguous


@pytest.mark.parametrize("outcome", [THROTTLED, OVER_QUOTA, UNCONNECTED, REJECTED])
def test_a_doubt_once_raised_stays(outcome: Outcome) -> None:
    step = rules.after(replace(PUSH, was_ambiguous=True), outcome, now=NOW)

    assert step is not None
    assert step.was_ambiguous


@pytest.mark.parametrize("outcome", [REJECTED, SILENT, THROTTLED, UNAUTHORIZED])
def test_a_sender_without_the_lease_decides_nothing(outcome: Outcome) -> None:
    late = replace(PUSH, is_latest=False)

    assert rules.after(late, outcome, now=NOW) is None


def test_a_sender_without_the_lease_may_bring_good_news() -> None:
    step = rules.after(replace(PUSH, is_latest=False), ACCEPTED, now=NOW)

    assert step is not None
    assert step.state == "accepted"


@pytest.mark.parametrize("state", ["accepted", "unknown", "queued", "failed"])
def test_what_was_settled_meanwhile_stays_settled(state: State) -> None:
    for outcome in (ACCEPTED, REJECTED, SILENT):
        assert rules.after(replace(PUSH, state=state), outcome, now=NOW) is None


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_wait_grows_up_to_its_cap(attempts: int, spread: float) -> None:
    wait = rules.wait_after(attempts, spread).total_seconds()

    assert 1 <= wait <= 1.5 * rules.LONGEST_WAIT
    assert wait <= rules.wait_after(attempts + 1, spread).total_seconds()


def test_a_rate_limit_slows_the_channel_at_once() -> None:
    first = rules.slowing(0, THROTTLED, spread=0.5)
    tenth = rules.slowing(9, THROTTLED, spread=0.5)

    assert first is not None
    assert first.wait == timedelta(seconds=1)
    assert tenth is not None
    assert tenth.wait == timedelta(seconds=60)


def test_failures_slow_the_channel_when_they_come_in_a_row() -> None:
    waits = [rules.slowing(n, SILENT, spread=0.5) for n in range(7)]

    assert [each.wait for each in waits if each] == [
        None, None, None, None, None, timedelta(seconds=1), timedelta(seconds=2),
    ]  # fmt: skip
    assert [each.troubles for each in waits if each] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("outcome", [ACCEPTED, REJECTED, BAD_TOKEN, OVER_QUOTA])
def test_an_answer_sets_the_channel_free(outcome: Outcome) -> None:
    freed = rules.slowing(3, outcome, spread=0.5)

    assert freed == rules.Slowing(0)
    assert rules.slowing(0, outcome, spread=0.5) is None
