"""Which deliveries a question is about."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    pass


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Messages on their way."""

    def due(self, now: datetime) -> DeliveryQuerySet:
        """Keep what may be sent now: queued and due, or sending with its lease over."""
        return self.filter(
            Q(state="queued", not_before__lte=now)
            | Q(state="sending", leased_until__lte=now)
        )

    def claimable(self, now: datetime, limit: int) -> DeliveryQuerySet:
        """Lock the oldest that nobody else holds."""
        return (
            self.due(now)
            .order_by("not_before", "id")
            .select_for_update(skip_locked=True, of=("self",))[:limit]
        )
