"""How long a customer has waited for a person, and how bad that is (features B8)."""

from __future__ import annotations

from datetime import datetime

WARN_MINUTES = 30
LATE_MINUTES = 60
LOST_MINUTES = 120
MISSED_MINUTES = 720

CALM, WARN, LATE, LOST, MISSED = "calm", "warn", "late", "lost", "missed"
LEVELS = (
    (MISSED_MINUTES, MISSED), (LOST_MINUTES, LOST), (LATE_MINUTES, LATE),
    (WARN_MINUTES, WARN),
)  # fmt: skip


def minutes_waited(since: datetime | None, now: datetime) -> int | None:
    """Return the whole minutes since the customer began to wait; None: nobody does."""
    if since is None:
        return None
    return max(0, int((now - since).total_seconds() // 60))


def level(minutes: int | None) -> str:
    """Return how bad it is: from "calm" to "missed"."""
    if minutes is None:
        return CALM
    return next((name for least, name in LEVELS if minutes >= least), CALM)
