"""The policy of credit: a ladder of classes with their windows, read from JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from apps.core.money import WHOLE

POS_SELLER, CART, COUPON = "pos_seller", "cart", "coupon"
LINK, CHAT, BOOKING = "link", "chat", "booking"
BINDING, HOUSE = "binding", "house"
CLASSES = (POS_SELLER, CART, COUPON, LINK, CHAT, BOOKING, BINDING, HOUSE)
# How many days an act counts by default, in the classes that have a window.
WINDOWS: Mapping[str, int] = {CART: 7, LINK: 30, CHAT: 7, BOOKING: 30}

CLICKED, SENT = "clicked", "sent"
LINK_SENT, LINK_CLICK, CHAT_REPLY = "link_sent", "link_click", "chat_reply"
CART_BUILT, COUPON_REDEEMED, SERVED = "cart_built", "coupon_redeemed", "booking"
# In which class an act counts; the links' own kind depends on the policy's start.
# Whatever is not named here earns nothing: it is shown, and counted as influence.
COUNTS = {
    CART_BUILT: CART,
    COUPON_REDEEMED: COUPON,
    CHAT_REPLY: CHAT,
    SERVED: BOOKING,
}

WINNER = "winner"
LEAST_SHARE = 100  # basis points


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
class Part:
    """A share of every line, in basis points: for who took it, or for a class."""

    to: str
    share: int


@dataclass(frozen=True)
class Policy:
    """The ladder of classes, from the strongest to the house.

    Who is the buyer is left out: by the same telephone (`exclude_self`), e-mail or
    address. A leaver's winning act gives the line to their store, or is passed over.
    Without `parts` one winner takes the line; what the parts leave is the house's.
    """

    rungs: tuple[Rung, ...]
    exclude_self: bool = True
    exclude_email: bool = False
    exclude_address: bool = False
    leaver_to_store: bool = True
    parts: tuple[Part, ...] = ()
    cooling_off_days: int = 10

    @classmethod
    def from_json(cls, rules: Mapping[str, Any]) -> Policy:
        """Read a stored policy; ValueError says what is wrong with it.

        What an older version does not name is as it was before there was a choice.
        """
        rungs = tuple(_rung(each) for each in rules.get("classes", ()))
        bases = [rung.basis for rung in rungs]
        if len(set(bases)) != len(bases):
            raise ValueError("a class stands on the ladder twice")
        if not bases or bases[-1] != HOUSE:
            raise ValueError("the last class must be the house")
        cooling = rules.get("cooling_off_days", 10)
        if not isinstance(cooling, int) or cooling < 0:
            raise ValueError("cooling_off_days must be a whole number of days")
        return cls(
            rungs,
            bool(rules.get("exclude_self", True)),
            bool(rules.get("exclude_email", False)),
            bool(rules.get("exclude_address", False)),
            bool(rules.get("leaver_to_store", True)),
            _parts(rules.get("parts", ()), bases),
            cooling,
        )

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return {
            "classes": [_rung_json(rung) for rung in self.rungs],
            "exclude_self": self.exclude_self,
            "exclude_email": self.exclude_email,
            "exclude_address": self.exclude_address,
            "leaver_to_store": self.leaver_to_store,
            "parts": [[part.to, part.share] for part in self.parts],
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
        basis = COUNTS.get(kind)
        return basis if basis and self.rank(basis) else None

    def window_of(self, basis: str) -> timedelta:
        """Return how long an act of the class counts; nothing for no such class."""
        windows = (rung.window for rung in self.rungs if rung.basis == basis)
        return next(windows, timedelta(0))

    def stronger_than(self, basis: str) -> set[str]:
        """Return the classes that stand above the class and leave it nothing.

        Where the policy shares lines out, a class that has a part of its own may
        change a line that a stronger one took.
        """
        if any(part.to == basis for part in self.parts):
            return set()
        bases = [rung.basis for rung in self.rungs]
        return set(bases[: bases.index(basis)] if basis in bases else bases)

    @property
    def longest_window(self) -> timedelta:
        """Return how far back a touch can matter."""
        windows = [rung.window for rung in self.rungs if rung.basis in WINDOWS]
        return max(windows, default=timedelta(0))


def _rung(stored: Mapping[str, Any]) -> Rung:
    basis = stored.get("basis")
    if basis not in CLASSES:
        raise ValueError(f"no such class: {basis}")
    days = stored.get("days")
    if basis in WINDOWS and not (isinstance(days, int) and 1 <= days <= 365):
        raise ValueError(f"the window of {basis} must be 1 to 365 days")
    start = stored.get("start", CLICKED)
    if start not in {CLICKED, SENT}:
        raise ValueError(f"a window starts when clicked or sent, not {start}")
    return Rung(
        basis,
        days if basis in WINDOWS else None,
        start,
        bool(stored.get("product_first", True)),
    )


def _rung_json(rung: Rung) -> dict[str, Any]:
    stored: dict[str, Any] = {"basis": rung.basis}
    if rung.basis in WINDOWS:
        stored["days"] = rung.days
    if rung.basis == LINK:
        stored |= {"start": rung.start, "product_first": rung.product_first}
    return stored


def _parts(stored: Sequence[Sequence[Any]], bases: Sequence[str]) -> tuple[Part, ...]:
    """Read how lines are shared out: who took the line first, then classes."""
    parts = tuple(Part(to, share) for to, share in stored)
    if not parts:
        return ()
    named = [part.to for part in parts]
    if named[0] != WINNER or len(set(named)) != len(named):
        raise ValueError("the first part is the winner's, and nobody has two")
    if not {*named[1:]} <= {*bases} - {POS_SELLER, HOUSE}:
        raise ValueError("a part is for a class that stands on the ladder")
    if any(not isinstance(p.share, int) or p.share < LEAST_SHARE for p in parts):
        raise ValueError("a part is at least one hundredth of the line")
    if sum(part.share for part in parts) > WHOLE:
        raise ValueError("the parts come to more than the line")
    return parts


DEFAULT = Policy(
    (
        Rung(POS_SELLER),
        Rung(CART, days=7),
        Rung(COUPON),
        Rung(LINK, days=30),
        Rung(CHAT, days=7),
        Rung(BINDING),
        Rung(HOUSE),
    ),
    exclude_email=True,
    exclude_address=True,
)
