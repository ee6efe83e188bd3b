"""Which orders a question is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    pass


class OrderQuerySet(models.QuerySet["Order"]):
    """Purchases."""

    def online(self) -> OrderQuerySet:
        """Keep what was not bought in a store."""
        return self.exclude(channel="store")

    def to_credit(self, limit: int) -> OrderQuerySet:
        """Lock the oldest orders that wait for their credit."""
        return (
            self.filter(credit_due_at__isnull=False)
            .order_by("credit_due_at", "id")
            .select_for_update(skip_locked=True, of=("self",))[:limit]
        )
