"""What became of a message handed to a channel, in words that fit every channel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal[
    "accepted", "rejected", "unreachable", "throttled", "over_quota", "unauthorized",
    "bad_token",
]  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """One call's end. `left_us` is False where the request certainly never arrived.

    Accepted is not delivered: a channel takes messages for people who blocked it.
    """

    verdict: Verdict
    status: int | None = None
    reason: str = ""
    request_id: str = ""
    external_ids: list[str] = field(default_factory=list)
    left_us: bool = True

    @property
    def is_ambiguous(self) -> bool:
        """Whether the channel may have taken the message without our knowing."""
        return self.verdict == "unreachable" and self.left_us
