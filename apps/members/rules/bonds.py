"""Whether a new bond is made, and what becomes of the one there is (features A5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

BY_BRAND = frozenset({"manual", "handover"})


class Policy(StrEnum):
    """What happens when a bound customer scans somebody else's QR."""

    REPLACE = "replace"
    KEEP = "keep"


class Kind(StrEnum):
    """What came of an attempt to bind."""

    BOUND = "bound"
    ALREADY = "already"
    REPLACED = "replaced"
    KEPT = "kept"


@dataclass(frozen=True)
class Bond:
    """The bond that holds; `is_served` while its salesperson still works there."""

    staff_id: int
    store_id: int
    is_served: bool


@dataclass(frozen=True)
class Attempt:
    """The bond that is asked for, and by which way."""

    staff_id: int
    store_id: int
    source: str


@dataclass(frozen=True)
class Decision:
    """What is to be done, and why."""

    kind: Kind
    reason: str


def decide(current: Bond | None, attempt: Attempt, *, policy: Policy) -> Decision:
    """Decide what an attempt to bind comes to.

    HQ's own word and a hand-over always count; a file that is imported never takes a
    customer from anybody; nobody is kept with a salesperson who is no longer there.
    """
    if current is None:
        return Decision(Kind.BOUND, "unbound")
    if current.staff_id == attempt.staff_id:
        if current.store_id == attempt.store_id:
            return Decision(Kind.ALREADY, "same_slot")
        return Decision(Kind.REPLACED, "same_person_other_store")
    if attempt.source in BY_BRAND:
        return Decision(Kind.REPLACED, "by_brand")
    if not current.is_served:
        return Decision(Kind.REPLACED, "salesperson_gone")
    if attempt.source == "import":
        return Decision(Kind.KEPT, "imports_take_nobody")
    if policy is Policy.KEEP:
        return Decision(Kind.KEPT, "policy")
    return Decision(Kind.REPLACED, "policy")
