"""Two rulings on one line side by side: who took it, and why the other did not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from apps.attribution.rules.facts import TOOK, Candidate, Decision


@dataclass(frozen=True)
class Rate:
    """What a credit pays from a day on, in basis points: online, and in a store."""

    starts_on: date
    online: int
    store: int

    def as_json(self) -> list[str | int]:
        """Return the rate as it is stored."""
        return [self.starts_on.isoformat(), self.online, self.store]

    @classmethod
    def from_json(cls, stored: Sequence[Any]) -> Rate:
        """Read a stored rate."""
        starts_on, online, store = stored
        return cls(date.fromisoformat(starts_on), online, store)


def rate_on(rates: Sequence[Rate], day: date, *, is_online: bool) -> int:
    """Return the rate of the day in basis points; nothing before the first."""
    begun = [rate for rate in rates if rate.starts_on <= day]
    if not begun:
        return 0
    latest = max(begun, key=lambda rate: rate.starts_on)
    return latest.online if is_online else latest.store


@dataclass(frozen=True)
class Side:
    """What one policy makes of a line.

    `rival` is the act that won under the other policy, with what became of it here;
    None where it has no place on this ladder, or is this side's winner too.
    """

    winner: Candidate
    staff_id: int | None  # who is credited: nobody, where the winner had left
    store_id: int | None
    rival: Candidate | None
    # Of each person in basis points, where the line is shared; None is the house.
    shares: tuple[tuple[int | None, int], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the side as it is stored."""
        return {
            "winner": self.winner.as_json(),
            "staff": self.staff_id,
            "store": self.store_id,
            "rival": self.rival.as_json() if self.rival else None,
            "shares": self.shares,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Side:
        """Read a stored side."""
        rival = stored["rival"]
        return cls(
            Candidate.from_json(stored["winner"]),
            stored["staff"],
            stored["store"],
            Candidate.from_json(rival) if rival else None,
            tuple((staff, share) for staff, share in stored.get("shares", ())),
        )


def compare(before: Decision, after: Decision) -> tuple[Side, Side] | None:
    """Return both sides where another person or store takes the line, or a part of it.

    The same person by another class is no change: no money moves.
    """
    if _takers(before) == _takers(after):
        return None
    return _side(before, after), _side(after, before)


def _side(own: Decision, other: Decision) -> Side:
    winner, theirs = winner_of(own), winner_of(other)
    rival = next((c for c in own.candidates if _act(c) == _act(theirs)), None)
    if rival == winner:
        rival = None
    shares = tuple((part.staff_id, part.share) for part in own.parts)
    return Side(winner, own.staff_id, own.store_id, rival, shares)


def _takers(decision: Decision) -> set[tuple[int | None, int | None, int]]:
    return {(each.staff_id, each.store_id, each.share) for each in decision.shares}


def winner_of(decision: Decision) -> Candidate:
    """Return the candidate that took the line."""
    return next(c for c in decision.candidates if c.status in TOOK)


def _act(candidate: Candidate) -> tuple[str, int | None]:
    """Return what stays the same of a candidate from one policy to the other."""
    return candidate.basis, candidate.staff_id
