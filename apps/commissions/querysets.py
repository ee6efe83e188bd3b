"""Which disputes a person may see, and which wait for their ruling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from apps.core import clock
from apps.staff import rules as staff_rules
from apps.staff.models import Staff

if TYPE_CHECKING:
    from apps.commissions.models import Dispute  # noqa: F401  (named in a base)

WAITING = ("open", "with_hq")


class DisputeQuerySet(models.QuerySet["Dispute"]):
    """Disputes."""

    def waiting(self) -> DisputeQuerySet:
        """Keep those that nobody has ruled on."""
        return self.filter(state__in=WAITING)

    def visible_to(self, viewer: Staff) -> DisputeQuerySet:
        """Keep what the viewer may read.

        HQ all; others those they are a side of; a manager also those inside the store.
        """
        if staff_rules.may(viewer.role, "hq.credits"):
            return self
        scope = Q(staff=viewer) | Q(against=viewer)
        if viewer.role == Staff.Role.MANAGER:
            postings = viewer.postings.on(clock.today())
            scope |= Q(store__in=postings.values("store"))
        return self.filter(scope)

    def rulable_by(self, viewer: Staff) -> DisputeQuerySet:
        """Keep what waits for the viewer's ruling; nobody rules on their own case."""
        waiting = self.waiting().exclude(staff=viewer)
        waiting = waiting.exclude(against__isnull=False, against=viewer)
        if staff_rules.may(viewer.role, "hq.rule"):
            return waiting
        if viewer.role == Staff.Role.MANAGER:
            postings = viewer.postings.on(clock.today())
            return waiting.filter(state="open", store__in=postings.values("store"))
        return self.none()
