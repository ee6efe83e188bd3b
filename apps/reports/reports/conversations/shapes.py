"""What the report of sales by conversation shows; NT$, shares in basis points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings

from apps.core import clock
from apps.members.models import Binding

WHOLE = 10_000
HOUSE = 0  # stands for nobody, and for no store
BY_QR = (Binding.Source.LOGIN, Binding.Source.LIFF, Binding.Source.MESSAGE)


@dataclass(frozen=True)
class Scope:
    """Whose figures, and of which days (Taipei), both included.

    `stores` and `person` are keys, None for all; 0 is what belongs to nobody.
    """

    first: date
    last: date
    stores: Sequence[int] | None = None
    person: int | None = None

    @property
    def params(self) -> dict[str, Any]:
        """Return what the statements take."""
        return {
            "from": clock.start_of(self.first),
            "until": clock.end_of(self.last),
            "stores": None if self.stores is None else list(self.stores),
            "person": self.person,
            "influence": settings.INFLUENCE_DAYS,
        }

    @property
    def of_all(self) -> Scope:
        """Return the same days of the whole brand."""
        return replace(self, stores=None, person=None)


@dataclass(frozen=True)
class Figures:
    """What somebody did, and what came of it.

    `links` are those first sent in the time, `opened` those of them that somebody
    opened since; `orders` and `credited` are online and by the last touch, `refunded`
    is what was given back of it; `link_orders` are those a link earned. `influenced`
    is the worth of the online orders of customers whom the person touched in the days
    before, whoever was credited.
    """

    bindings: Mapping[str, int] = field(default_factory=dict)
    messages: int = 0
    pushes: int = 0
    links: int = 0
    opened: int = 0
    clicks: int = 0
    orders: int = 0
    link_orders: int = 0
    credited: int = 0
    refunded: int = 0
    in_store: int = 0
    influenced_orders: int = 0
    influenced: int = 0

    @property
    def revenue(self) -> int:
        """Return the online sales credited, net of refunds."""
        return self.credited - self.refunded

    @property
    def bound(self) -> int:
        """Return how many bindings began."""
        return sum(self.bindings.values())

    @property
    def by_qr(self) -> int:
        """Return how many of the bindings came of a QR."""
        return sum(self.bindings.get(source, 0) for source in BY_QR)

    @property
    def by_hand(self) -> int:
        """Return how many came otherwise: by HQ, by a file, by a hand-over."""
        return self.bound - self.by_qr

    @property
    def click_rate(self) -> int | None:
        """Return how many of the links sent were opened."""
        return ratio(self.opened, self.links)

    @property
    def conversion(self) -> int | None:
        """Return the orders earned by links to the clicks on links."""
        return ratio(self.link_orders, self.clicks)

    @property
    def aov(self) -> int | None:
        """Return the average worth of an order."""
        return round(self.revenue / self.orders) if self.orders else None

    @property
    def cost(self) -> Decimal:
        """Return what the pushes cost; replies are free."""
        return self.pushes * Decimal(settings.PUSH_COST)

    @property
    def cost_words(self) -> str:
        """Write the cost, which knows tenths."""
        return f"{self.cost:,.1f}"

    @property
    def return_on_cost(self) -> int | None:
        """Return the revenue to the cost of messages, as a multiple."""
        return round(self.revenue / self.cost) if self.cost else None


@dataclass(frozen=True)
class Line:
    """A row of the report: a person, a store, or a stretch of days."""

    label: str
    note: str
    query: str  # the orders behind it
    figures: Figures
    share: int | None  # of the brand's online sales
    aov_gap: float | None  # of the order's worth to the brand's mean, in per cent
    starts_on: date | None = None


@dataclass(frozen=True)
class Report:
    """The whole report. `pending` orders of the days wait for their credit."""

    scope: Scope
    group: str
    lines: tuple[Line, ...]
    total: Line
    mean: int | None
    pending: int
    seen_at: datetime

    @property
    def influence_days(self) -> int:
        """Return how long before an order a touch counts as influence."""
        return int(settings.INFLUENCE_DAYS)

    @property
    def is_timely(self) -> bool:
        """Tell whether its rows are days, weeks or months, the newest first."""
        return self.group in {"day", "week", "month"}

    @property
    def by_time(self) -> tuple[Line, ...]:
        """Return the rows in the order of a chart: the oldest first."""
        return self.lines[::-1]


def ratio(part: int, whole: int) -> int | None:
    """Return a part in basis points, None of nothing."""
    return round(part * WHOLE / whole) if whole else None
