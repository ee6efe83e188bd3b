"""On whose desk a conversation lies, and why (features.md B1, B2, B6)."""

from __future__ import annotations

from dataclasses import dataclass

HQ, STAFF = "hq", "staff"

BOUND = "bound"
UNBOUND = "unbound"
INACTIVE = "inactive"
NOT_POSTED = "not_posted"
TAKEN_OVER = "taken_over"


@dataclass(frozen=True)
class DeskFacts:
    """Whom the customer is bound to, and who took the open conversation over."""

    bound_staff_id: int | None = None
    bound_store_id: int | None = None
    is_active: bool = False
    is_posted: bool = False
    holder_id: int | None = None
    holder_store_id: int | None = None


@dataclass(frozen=True)
class Desk:
    """The desk, its person and store (a staff desk has its person), and the reason."""

    desk: str
    staff_id: int | None
    store_id: int | None
    reason: str


def choose_desk(facts: DeskFacts) -> Desk:
    """Choose the desk of a conversation.

    Whoever took an open conversation over keeps it until it is closed. Then the
    customer's own salesperson has it, while employed and posted to that store; HQ has
    all others. The bond itself is not touched here.
    """
    if facts.holder_id is not None:
        return Desk(STAFF, facts.holder_id, facts.holder_store_id, TAKEN_OVER)
    if facts.bound_staff_id is None:
        return Desk(HQ, None, None, UNBOUND)
    if not facts.is_active:
        return Desk(HQ, None, facts.bound_store_id, INACTIVE)
    if not facts.is_posted:
        return Desk(HQ, None, facts.bound_store_id, NOT_POSTED)
    return Desk(STAFF, facts.bound_staff_id, facts.bound_store_id, BOUND)
