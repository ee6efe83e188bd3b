"""The policy of credit: a ladder of classes with their windows, read from JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

POS_SELLER, LINK, CHAT = "pos_seller", "link", "chat"
BINDING, HOUSE = "binding", "house"
CLASSES = (POS_SELLER, LINK, CHAT, BINDING, HOUSE)
WINDOWED = frozenset({LINK, CHAT})

CLICKED, SENT = "clicked", "sent"
LINK_SENT, LINK_CLICK, CHAT_REPLY = "link_sent", "link_click", "chat_reply"


@dataclass(frozen=True)
class Rung:
    """A class of the ladder; `days` is its window, counted from `start`."""

    basis: str
    days: int | None = None
    start: str = CLICKED
    product_first: bool = True

    @property
    def window(self) -> timedelta:
        """Return how long an act counts; without days it has no end."""
        return timedelta.max if self.days is None else timedelta(days=self.days)


@dataclass(frozen=True)
class Policy:
    """The ladder of classes, from the strongest to the house."""

    rungs: tuple[Rung, ...]
    exclude_self: bool = True
    cooling_off_days: int = 10

    @classmethod
    def from_json(cls, rules: Mapping[str, Any]) -> Policy:
        """Read a stored policy; ValueError says what is wrong with it."""
        rungs = tuple(_rung(each) for each in rules.get("classes", ()))
        bases = [rung.basis for rung in rungs]
        if len(set(bases)) != len(bases):
            raise ValueError("a class stands on the ladder twice")
        if not bases or bases[-1] != HOUSE:
            raise ValueError("the last class must be the house")
        cooling = rules.get("cooling_off_days", 10)
        if not isinstance(cooling, int) or cooling < 0:
            raise ValueError("cooling_off_days must be a whole number of days")
        return cls(rungs, bool(rules.get("exclude_self", True)), cooling)

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return {
            "classes": [_rung_json(rung) for rung in self.rungs],
            "exclude_self": self.exclude_self,
            "cooling_off_days": self.cooling_off_days,
        }

    def rank(self, basis: str) -> int | None:
        """Return the class's place on the ladder from 1, None if it has none."""
        places = {rung.basis: place for place, rung in enumerate(self.rungs, start=1)}
        return places.get(basis)

    def basis_of(self, kind: str) -> str | None:
        """Return the class in which a kind of touch counts under this policy."""
        link = next((rung for rung in self.rungs if rung.basis == LINK), None)
        if link and kind == (LINK_CLICK if link.start == CLICKED else LINK_SENT):
            return LINK
        if kind == CHAT_REPLY and self.rank(CHAT):
            return CHAT
        return None

    def window_of(self, basis: str) -> timedelta:
        """Return how long an act of the class counts; nothing for no such class."""
        windows = (rung.window for rung in self.rungs if rung.basis == basis)
        return next(windows, timedelta(0))

    def stronger_than(self, basis: str) -> set[str]:
        """Return the classes that stand above the class."""
        bases = [rung.basis for rung in self.rungs]
        return set(bases[: bases.index(basis)] if basis in bases else bases)

    @property
    def longest_window(self) -> timedelta:
        """Return how far back a touch can matter."""
        windows = [rung.window for rung in self.rungs if rung.basis in WINDOWED]
        return max(windows, default=timedelta(0))


def _rung(stored: Mapping[str, Any]) -> Rung:
    basis = stored.get("basis")
    if basis not in CLASSES:
        raise ValueError(f"no such class: {basis}")
    days = stored.get("days")
    if basis in WINDOWED and not (isinstance(days, int) and 1 <= days <= 365):
        raise ValueError(f"the window of {basis} must be 1 to 365 days")
    start = stored.get("start", CLICKED)
    if start not in {CLICKED, SENT}:
        raise ValueError(f"a window starts when clicked or sent, not {start}")
    return Rung(
        basis,
        days if basis in WINDOWED else None,
        start,
        bool(stored.get("product_first", True)),
    )


def _rung_json(rung: Rung) -> dict[str, Any]:
    stored: dict[str, Any] = {"basis": rung.basis}
    if rung.basis in WINDOWED:
        stored["days"] = rung.days
    if rung.basis == LINK:
        stored |= {"start": rung.start, "product_first": rung.product_first}
    return stored


DEFAULT = Policy(
    (
        Rung(POS_SELLER),
        Rung(LINK, days=30),
        Rung(CHAT, days=7),
        Rung(BINDING),
        Rung(HOUSE),
    )
)
