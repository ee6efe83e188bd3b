"""What the dashboard shows; amounts in NT$ net of refunds, shares in basis points."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from apps.reports.todos import Todo
from apps.staff.models import Staff
from apps.stores.models import Store


@dataclass(frozen=True)
class Kpi:
    """A key figure with its change and its last eight weeks.

    `unit` is money or share; `change` is in percent for money, in points for shares,
    None where there was nothing to compare with.
    """

    code: str
    label: str
    unit: str
    value: int | None
    change: float | None
    note: str
    spark: tuple[int, ...]

    @property
    def change_unit(self) -> str:
        """Return the unit in which the change is written: % or points."""
        return "%" if self.unit == "money" else "points"


@dataclass(frozen=True)
class DayBar:
    """A day's sales: in stores, online with a salesperson's help, online alone."""

    day: date
    store: int
    assisted: int
    alone: int

    @property
    def total(self) -> int:
        """Return the day's sales of all channels."""
        return self.store + self.assisted + self.alone


@dataclass(frozen=True)
class StoreRow:
    """A store's period; `achieved` is of the target, `reply_minutes` the median."""

    store: Store
    sales: int
    target: int | None
    achieved: int | None
    is_late: bool
    online_share: int | None
    assisted: int
    new_bindings: int
    reply_minutes: int | None
    is_slow: bool


@dataclass(frozen=True)
class BasisBar:
    """How much of the online sales a class of credit took."""

    basis: str
    label: str
    amount: int
    share: int
    pays: bool


@dataclass(frozen=True)
class Seller:
    """A salesperson's online sales with the commission on them."""

    staff: Staff
    store: Store | None
    sales: int
    commission: int


@dataclass(frozen=True)
class Dashboard:
    """HQ's overview of a period, both of its days included."""

    starts_on: date
    ends_on: date
    compared_from: date
    compared_to: date
    compares_month: bool
    fresh_at: datetime | None
    kpis: tuple[Kpi, ...]
    days: tuple[DayBar, ...]
    stores: tuple[StoreRow, ...]
    pace: int
    bases: tuple[BasisBar, ...]
    sellers: tuple[Seller, ...]
    todos: tuple[Todo, ...]
