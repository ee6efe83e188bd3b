"""What the brand ought to hold, told again in plain Python: nothing of it is computed
by the code under test.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from apps.core import clock

COPY_DAYS = 10


@dataclass
class Line:
    """A line of an order, and what came back of it: pieces and NT$."""

    quantity: int
    price: int
    discount: int = 0
    pieces_back: int = 0
    money_back: int = 0

    @property
    def net(self) -> int:
        """Return what the line costs (NT$)."""
        return self.quantity * self.price - self.discount


@dataclass(frozen=True)
class Wish:
    """A refund as somebody asked for it; without money, what the pieces cost."""

    number: str
    line: str
    pieces: int
    money: int | None


@dataclass
class Order:
    """An order that was told of; `owner` is the phone of whom it belongs to."""

    number: str
    phone: str
    owner: str
    placed_at: datetime
    lines: dict[str, Line]
    is_paid: bool = False
    is_cancelled: bool = False
    refunds: set[str] = field(default_factory=set)

    @property
    def net(self) -> int:
        """Return what the order costs (NT$)."""
        return sum(line.net for line in self.lines.values())

    @property
    def given_back(self) -> int:
        """Return what was given back (NT$): all of it where it was cancelled."""
        if self.is_cancelled:
            return self.net
        return sum(line.money_back for line in self.lines.values())

    @property
    def kept(self) -> int:
        """Return what the customer paid and did not get back (NT$)."""
        return self.net - self.given_back if self.is_paid else 0

    def fits(self, wish: Wish) -> bool:
        """Tell whether there is as much left of the line."""
        line = self.lines.get(wish.line)
        if line is None or wish.pieces > line.quantity - line.pieces_back:
            return False
        left = line.net - line.money_back
        return left > 0 if wish.money is None else 0 < wish.money <= left

    def take_back(self, wish: Wish, money: int) -> None:
        """Note a refund that was taken."""
        line = self.lines[wish.line]
        line.pieces_back += wish.pieces
        line.money_back += money
        self.refunds.add(wish.number)

    def may_become(self, lines: dict[str, Line]) -> bool:
        """Tell whether the lines leave as much as was given back of each."""
        return all(
            lines[name].quantity >= line.pieces_back
            and lines[name].net >= line.money_back
            for name, line in self.lines.items()
        )

    def become(self, lines: dict[str, Line]) -> None:
        """Take the lines of a newer version, with what came back of the old."""
        for name, line in self.lines.items():
            back = {"pieces_back": line.pieces_back, "money_back": line.money_back}
            self.lines[name] = replace(lines[name], **back)


@dataclass
class Copy:
    """A copy of a coupon; `used_in` is the order that holds or has used it."""

    code: str
    coupon: int
    owner: str
    until: datetime | None
    state: str = "issued"
    used_in: str = ""
    held_until: datetime | None = None

    def may_be_used(self, number: str, *, is_full: bool, now: datetime) -> bool:
        """Tell whether the order may have it; `is_full` where all uses are taken."""
        if self.state == "voided":
            return False
        if self.used_in == number:
            return True
        if self.state == "redeemed":
            return False
        if self.held_until is not None and now < self.held_until:
            return False
        return not is_full and (self.until is None or now < self.until)

    def free(self) -> None:
        """Let nobody hold it."""
        self.state, self.used_in, self.held_until = "issued", "", None


def copy_ends(issued_at: datetime) -> datetime:
    """Return when a copy of the dated coupon ends."""
    return clock.end_of(clock.day_of(issued_at) + timedelta(days=COPY_DAYS))


@dataclass
class Merge:
    """A merge that stands, with what of the loser's became the keeper's."""

    pk: int
    keeper: str
    loser: str
    at: datetime
    phones: list[str]
    orders: list[Order]
    copies: list[Copy]


@dataclass
class Model:
    """All that ought to be. A person is called by the phone they came with."""

    owners: dict[str, str]  # whose each phone is
    orders: dict[str, Order] = field(default_factory=dict)
    waiting: dict[str, list[Wish]] = field(default_factory=dict)
    copies: list[Copy] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    granted: int = 0
    deducted: int = 0
    burned: dict[str, int] = field(default_factory=dict)  # points by cause
    given_back: set[str] = field(default_factory=set)

    def people(self) -> list[str]:
        """Return those who are nobody's alias."""
        gone = {merge.loser for merge in self.merges}
        return [person for person in self.owners if person not in gone]

    def of(self, person: str) -> Iterator[Order]:
        """Yield the orders of the person."""
        return (order for order in self.orders.values() if order.owner == person)

    def live_uses(self, coupon: int) -> int:
        """Return how many copies of the coupon are held or used."""
        states = [copy.state for copy in self.copies if copy.coupon == coupon]
        return sum(state in ("reserved", "redeemed") for state in states)

    def merge(self, pk: int, keeper: str, loser: str, now: datetime) -> None:
        """Make all that is the loser's the keeper's."""
        phones = [phone for phone, owner in self.owners.items() if owner == loser]
        orders = list(self.of(loser))
        copies = [copy for copy in self.copies if copy.owner == loser]
        merge = Merge(pk, keeper, loser, now, phones, orders, copies)
        self.merges.append(merge)
        self._give(merge, loser, keeper)

    def undo(self, merge: Merge) -> None:
        """Give back what the merge moved, as far as it is still the keeper's."""
        self.merges.remove(merge)
        self._give(merge, merge.keeper, merge.loser)

    def _give(self, merge: Merge, giver: str, taker: str) -> None:
        for phone in merge.phones:
            if self.owners[phone] == giver:
                self.owners[phone] = taker
        things: list[Order | Copy] = [*merge.orders, *merge.copies]
        for thing in things:
            if thing.owner == giver:
                thing.owner = taker
