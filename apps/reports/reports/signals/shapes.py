"""What may be worth a look: the facts, why they are shown, and who looked already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from apps.reports.models import SignalReview

Kind = SignalReview.Kind


@dataclass(frozen=True)
class Threshold:
    """From how many facts on, within how many days, a signal is shown."""

    least: int
    days: int


def thresholds() -> dict[str, Threshold]:
    """Return the thresholds, from the settings."""
    days = settings.SIGNAL_DAYS
    return {
        Kind.SELF_ORDERS: Threshold(settings.SIGNAL_SELF_ORDERS, days),
        Kind.VISITOR_CLICKS: Threshold(settings.SIGNAL_VISITOR_CLICKS, days),
        Kind.LINK_CLICKS: Threshold(settings.SIGNAL_LINK_CLICKS, days),
        Kind.REBOUND: Threshold(settings.SIGNAL_REBINDS, days),
        Kind.TAKEN_OVER: Threshold(settings.SIGNAL_TAKEOVERS, days),
    }


@dataclass(frozen=True)
class Found:
    """A signal as the database knows it: whom it is about, and its newest facts.

    `weight` is what the threshold counts, such as clicks; `count` is how many facts
    there are, such as hours full of clicks.
    """

    kind: str
    subject: int  # the key of a person, a link or a member
    weight: int
    count: int
    facts: Sequence[dict[str, Any]]

    @property
    def key(self) -> tuple[str, int]:
        """Return what a review of it is known by."""
        return self.kind, self.subject


@dataclass(frozen=True)
class Evidence:
    """One fact of a signal; `order` is the key of an order to be looked at."""

    at: datetime
    what: str
    detail: str = ""
    order: int | None = None


@dataclass(frozen=True)
class Signal:
    """A signal as a person reads it."""

    found: Found
    label: str
    subject: str
    why: str
    evidence: tuple[Evidence, ...]
    review: SignalReview | None

    @property
    def is_open(self) -> bool:
        """Tell whether nobody looked at it, or more came to it since."""
        return self.review is None or self.review.weight < self.found.weight

    @property
    def more(self) -> int:
        """Return how many facts are not shown."""
        return max(0, self.found.count - len(self.evidence))
