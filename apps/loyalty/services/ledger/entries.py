"""Entries, lots and purses as the book has them before they are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from apps.core.money import WHOLE
from apps.loyalty.models.points import PointLot

Key = tuple[int, str, str, str]  # member, kind, source type and source id


@dataclass
class Lot:
    """A lot as the book has it, before it is written."""

    member_id: int
    points: int
    earned_at: datetime
    available_at: datetime | None
    expires_at: datetime | None = None
    computed: int = 0
    order_id: int | None = None
    round: int = 1
    rule_id: int | None = None
    multiplier: int = WHOLE
    remaining: int = 0
    is_released: bool = False
    reversed_at: datetime | None = None
    entry_id: int | None = None
    pk: int | None = None

    @classmethod
    def of(cls, row: PointLot) -> Lot:
        """Return the lot of a row."""
        return cls(
            member_id=row.member_id,
            points=row.points,
            earned_at=row.earned_at,
            available_at=row.available_at,
            expires_at=row.expires_at,
            computed=row.computed,
            order_id=row.order_id,
            round=row.round,
            rule_id=row.rule_id,
            multiplier=row.multiplier,
            remaining=row.remaining,
            is_released=row.is_released,
            reversed_at=row.reversed_at,
            entry_id=row.entry_id,
            pk=row.pk,
        )

    def is_due(self, now: datetime) -> bool:
        """Tell whether the waiting is over."""
        return self.available_at is not None and self.available_at <= now

    def lives(self, now: datetime) -> bool:
        """Tell whether the points have not died."""
        return self.expires_at is None or self.expires_at > now


@dataclass
class Cause:
    """Why an entry is made: the ledger takes each cause once."""

    kind: str
    source_type: str
    source_id: str
    reason: str = ""
    by_id: int | None = None
    reverses_id: int | None = None


@dataclass
class Entry:
    """A line of the book, before it is written."""

    member_id: int
    cause: Cause
    points: int = 0
    pending: int = 0
    debt: int = 0
    lot: Lot | None = None
    uses: list[tuple[Lot, int]] = field(default_factory=list)

    @property
    def key(self) -> Key:
        """Return what the ledger takes once."""
        cause = self.cause
        return self.member_id, cause.kind, cause.source_type, cause.source_id


@dataclass
class Purse:
    """What an account holds, as the book goes on."""

    balance: int
    pending: int
    debt: int
