"""How the outbox is doing."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Min

from apps.core import clock
from apps.messaging.models import Delivery


def oldest_due() -> datetime | None:
    """Return since when the oldest message waits that could be sent now."""
    now = clock.now()
    waiting = Delivery.objects.due(now).on_open_channels(now)
    oldest: datetime | None = waiting.aggregate(at=Min("not_before"))["at"]
    return oldest
