"""Which people and postings a question is about."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from apps.core import clock

if TYPE_CHECKING:
    from apps.staff.models import Posting, Staff  # noqa: F401  (named in a base)


class StaffQuerySet(models.QuerySet["Staff"]):
    """People of the brand."""

    def serving(self) -> StaffQuerySet:
        """Keep those who serve customers: salespeople and store managers, employed."""
        return self.filter(is_active=True, role__in=["manager", "salesperson"])

    def visible_to(self, viewer: Staff) -> StaffQuerySet:
        """Keep whom the viewer may see: HQ all, a manager the stores', others self."""
        if viewer.is_hq:
            return self
        if viewer.role == viewer.Role.MANAGER:
            today = clock.today()
            stores = viewer.postings.on(today).values("store")
            colleagues = viewer.postings.model.objects.on(today).filter(
                store__in=stores
            )
            return self.filter(Q(pk=viewer.pk) | Q(pk__in=colleagues.values("staff")))
        return self.filter(pk=viewer.pk)


class PostingQuerySet(models.QuerySet["Posting"]):
    """Who serves where, and when."""

    def on(self, day: date) -> PostingQuerySet:
        """Keep the postings in force on the day."""
        return self.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gt=day), starts_on__lte=day
        )
