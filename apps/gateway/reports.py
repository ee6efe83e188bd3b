"""How the machine doors stand."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Min

from apps.gateway.models import InboundEvent


def oldest_event() -> datetime | None:
    """Return since when the oldest event waits that was not routed."""
    waiting = InboundEvent.objects.filter(state=InboundEvent.State.NEW)
    oldest: datetime | None = waiting.aggregate(at=Min("received_at"))["at"]
    return oldest
