"""Which deliveries a question is about."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q

if TYPE_CHECKING:
    from apps.messaging.models import Delivery  # noqa: F401  (names the row)

# A message that LINE has not taken for so long lets the person's later ones pass.
PATIENCE = timedelta(minutes=10)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Messages on their way."""

    def due(self, now: datetime) -> DeliveryQuerySet:
        """Keep what may be sent now: queued and due, or sending with its lease over."""
        return self.filter(
            Q(state="queued", not_before__lte=now)
            | Q(state="sending", leased_until__lte=now)
        )

    def next_in_line(self, now: datetime) -> DeliveryQuerySet:
        """Keep, of each person's messages, the one whose turn it is."""
        same_person = DeliveryQuerySet(self.model).filter(
            account=OuterRef("account"), to=OuterRef("to")
        )
        in_flight = Q(state="sending") & ~Q(pk=OuterRef("pk"))
        older = Q(state="queued", pk__lt=OuterRef("pk")) & (
            Q(first_attempt_at=None) | Q(first_attempt_at__gt=now - PATIENCE)
        )
        return self.exclude(Exists(same_person.filter(in_flight | older)))

    def on_open_channels(self, now: datetime) -> DeliveryQuerySet:
        """Drop those of accounts that are slowed down or stopped."""
        return self.filter(
            Q(account__pace__slowed_until__isnull=True)
            | Q(account__pace__slowed_until__lte=now),
            account__pace__stopped_at__isnull=True,
        )

    def claimable(self, now: datetime) -> DeliveryQuerySet:
        """Lock the row that has waited longest, of those that nobody else holds."""
        return (
            self.due(now)
            .on_open_channels(now)
            .next_in_line(now)
            .order_by("not_before", "id")
            .select_for_update(skip_locked=True, of=("self",))[:1]
        )

    def beyond_trust(self, before: datetime, *, now: datetime) -> DeliveryQuerySet:
        """Keep the live ones that may have been sent under a key LINE forgets."""
        return self.filter(
            Q(state__in=["queued", "quota_hold", "channel_hold"], was_ambiguous=True)
            | Q(state="sending", leased_until__lte=now),
            first_attempt_at__lte=before,
        )
