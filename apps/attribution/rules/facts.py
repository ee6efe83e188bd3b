"""What a decision about an order line is made from, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """What became of a candidate."""

    WON = "won"
    RULED = "ruled"  # a person gave the line to them
    INACTIVE = "inactive"  # would have won; the store's house takes the line
    OVERRULED = "overruled"  # held the line until a person ruled otherwise
    OUTRANKED = "outranked"  # a class above took the line
    LATER_WON = "later_won"  # same class, somebody's later act took it
    PRODUCT_WON = "product_won"  # same class, a link to this very product took it
    EXPIRED = "expired"
    ENDED = "ended"  # the binding had ended
    AFTER_ORDER = "after_order"
    EXCLUDED_SELF = "excluded_self"
    UNUSED = "unused"  # the house, while somebody earned the line
    NO_RECORD = "no_record"  # a rung of the ladder on which nobody stands


@dataclass(frozen=True)
class StaffFacts:
    """A person; `active_until` is the first moment after the last day of work."""

    id: int
    phone: str = ""
    active_until: datetime | None = None
    store_id: int | None = None  # where they serve, if an act names no store


@dataclass(frozen=True)
class LineFacts:
    """An order line and its order."""

    line_id: int
    placed_at: datetime
    product_id: int | None = None
    is_online: bool = True
    seller: StaffFacts | None = None
    order_id: int = 0
    store_id: int | None = None
    buyer_phones: frozenset[str] = frozenset()


@dataclass(frozen=True)
class TouchFacts:
    """An act of a salesperson towards the buyer."""

    id: int
    kind: str  # link_sent, link_click or chat_reply
    staff: StaffFacts
    at: datetime
    store_id: int | None = None
    product_id: int | None = None
    evidence_type: str = "touch"
    evidence_id: str = ""


@dataclass(frozen=True)
class BindingFacts:
    """The buyer's bond to a salesperson, from `starts_at` to before `ends_at`."""

    id: int
    staff: StaffFacts
    store_id: int | None
    starts_at: datetime
    ends_at: datetime | None = None


@dataclass(frozen=True)
class Candidate:
    """Somebody who might have earned the line, in one class, with what became of it.

    `times` counts the acts of this person in this class; the evidence is the best one.
    """

    basis: str
    rank: int
    status: Status
    staff_id: int | None
    store_id: int | None
    at: datetime | None
    evidence_type: str = ""
    evidence_id: str = ""
    matches_product: bool = False
    times: int = 1

    def as_json(self) -> dict[str, Any]:
        """Return the candidate as it is stored."""
        return {
            "basis": self.basis,
            "rank": self.rank,
            "status": self.status.value,
            "staff": self.staff_id,
            "store": self.store_id,
            "at": self.at.isoformat() if self.at else None,
            "evidence": [self.evidence_type, self.evidence_id],
            "matches_product": self.matches_product,
            "times": self.times,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Candidate:
        """Read a stored candidate."""
        evidence_type, evidence_id = stored["evidence"]
        return cls(
            basis=stored["basis"],
            rank=stored["rank"],
            status=Status(stored["status"]),
            staff_id=stored["staff"],
            store_id=stored["store"],
            at=datetime.fromisoformat(stored["at"]) if stored["at"] else None,
            evidence_type=evidence_type,
            evidence_id=evidence_id,
            matches_product=stored["matches_product"],
            times=stored["times"],
        )


@dataclass(frozen=True)
class Decision:
    """Who earns the line; without staff it is the house's, of a store or of HQ."""

    basis: str
    staff_id: int | None
    store_id: int | None
    candidates: tuple[Candidate, ...]

    @property
    def people(self) -> list[int]:
        """Return the staff among the candidates, each once."""
        return sorted({c.staff_id for c in self.candidates if c.staff_id is not None})

    @property
    def is_self_purchase(self) -> bool:
        """Tell whether a candidate was left out as the buyer."""
        return any(c.status is Status.EXCLUDED_SELF for c in self.candidates)
