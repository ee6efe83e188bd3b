"""How goods that are fetched at a store may move, and what a hand-over leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# A pickup moves along these arrows only; a trigger holds them too.
ARROWS: Mapping[str, frozenset[str]] = {
    "placed": frozenset({"picking", "ready", "returned"}),
    "picking": frozenset({"ready", "returned"}),
    "ready": frozenset({"partial", "collected", "expired", "returned"}),
    "partial": frozenset({"partial", "collected", "expired", "returned"}),
    "expired": frozenset({"ready", "returned"}),
    "collected": frozenset(),
    "returned": frozenset(),
}
OPEN = frozenset({"placed", "picking", "ready", "partial", "expired"})


@dataclass(frozen=True)
class Pieces:
    """A line of a pickup: how many were bought, how many are gone already."""

    line: int
    quantity: int
    collected: int

    @property
    def left(self) -> int:
        """Return how many are still to be handed over."""
        return self.quantity - self.collected


@dataclass(frozen=True)
class HandOver:
    """What a hand-over comes to: the state after it, and what stays behind for good.

    `why` is set where it may not be: "nothing", "too_many".
    """

    state: str
    given: Mapping[int, int]
    short: Mapping[int, int]
    why: str = ""


def may_move(state: str, to: str) -> bool:
    """Tell whether there is an arrow."""
    return to in ARROWS[state]


def hand_over(
    pieces: Sequence[Pieces], given: Mapping[int, int], *, is_last: bool
) -> HandOver:
    """Decide what handing these pieces over leaves.

    As long as pieces are left and more may be fetched, it is partial. The last
    collection closes it, and what it is short of is to be refunded.
    """
    handed = {each.line: given.get(each.line, 0) for each in pieces}
    if any(not 0 <= handed[each.line] <= each.left for each in pieces):
        return HandOver("", {}, {}, "too_many")
    before = sum(each.collected for each in pieces)
    if not any(handed.values()) and not (is_last and before):
        return HandOver("", {}, {}, "nothing")
    left = {each.line: each.left - handed[each.line] for each in pieces}
    short = {line: missing for line, missing in left.items() if missing}
    if short and not is_last:
        return HandOver("partial", handed, {})
    return HandOver("collected", handed, short)
