"""What the page that explains an order's credit shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.attribution.words import Part
from apps.orders.models import Order, OrderLine
from apps.staff.models import Staff
from apps.stores.models import Store


@dataclass(frozen=True)
class Verdict:
    """Who earned the order, in a sentence; amounts in NT$."""

    parts: tuple[Part, ...]
    person: Staff | None
    store: Store | None
    basis: str
    basis_label: str
    amount: int

    @property
    def sentence(self) -> str:
        """Return the sentence as plain text."""
        return "".join(part.text for part in self.parts)


@dataclass(frozen=True)
class Moment:
    """A row of the timeline.

    `kind` is what happened: binding, link_sent, link_click, chat_reply, view, order,
    paid, refund or cooling_off; `icon` is its drawing. `status` is won, counted
    (eligible, but somebody stood higher), ignored, fact or future. Rows that bear on
    the credit are relevant; the others show only in the full list.
    """

    kind: str
    icon: str
    at: datetime
    when: str
    gap: str
    title: str
    detail: str
    status: str
    rank: int | None = None
    chip: str = ""
    is_relevant: bool = True


@dataclass(frozen=True)
class Step:
    """A rung of the ladder with who stands on it."""

    rank: int
    title: str
    note: str
    who: str
    fate: str
    is_winner: bool = False


@dataclass(frozen=True)
class LineResult:
    """An order line with who earned it; amounts in NT$."""

    line: OrderLine
    amount: int
    refunded: int
    person: Staff | None
    store: Store | None
    who: str
    basis: str
    basis_label: str
    reason: str
    ladder: tuple[Step, ...]


@dataclass(frozen=True)
class Change:
    """An entry of the record of decisions."""

    at: datetime
    who: str
    text: str


@dataclass(frozen=True)
class Explanation:
    """All that is shown of an order's credit; pending ones have no verdict yet."""

    order: Order
    title: str
    buyer: str
    is_pending: bool
    verdict: Verdict | None
    timeline: tuple[Moment, ...]
    lines: tuple[LineResult, ...]
    history: tuple[Change, ...]
    policy_version: int
    policy_from: datetime
    is_self_purchase: bool

    @property
    def relevant(self) -> tuple[Moment, ...]:
        """Return the rows of the timeline that bear on the credit."""
        return tuple(moment for moment in self.timeline if moment.is_relevant)

    @property
    def ladder(self) -> tuple[Step, ...]:
        """Return the ladder of the line that the verdict is about."""
        return self.lines[0].ladder if self.lines else ()
