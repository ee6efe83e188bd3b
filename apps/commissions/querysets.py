"""Which plans are whose; which disputes a person may see, and may rule on."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from apps.commissions.rules import Scope
from apps.core import clock
from apps.staff import rules as staff_rules
from apps.staff.models import Staff

if TYPE_CHECKING:
    from apps.commissions.models import Dispute, Plan  # noqa: F401  (named in a base)

WAITING = ("open", "with_hq")


class PlanQuerySet(models.QuerySet["Plan"]):
    """Published plans."""

    def of_scope(self, scope: Scope) -> PlanQuerySet:
        """Keep the versions for just these people."""
        return self.filter(staff=scope.staff_id, store=scope.store_id, role=scope.role)

    def on(self, day: date) -> PlanQuerySet:
        """Keep the versions in force on the day (Taipei)."""
        ends = Q(ends_on__isnull=True) | Q(ends_on__gt=day)
        return self.filter(ends, starts_on__lte=day)

    def everybodys(self) -> PlanQuerySet:
        """Keep those that are for nobody in particular."""
        return self.of_scope(Scope())


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
