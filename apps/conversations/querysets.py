"""Which conversations a question is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from apps.staff import rules as staff_rules

if TYPE_CHECKING:
    from apps.staff.models import Staff


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """Conversations and who may see them."""

    def visible_to(self, viewer: Staff) -> ConversationQuerySet:
        """Keep what the viewer may open (features.md B3).

        A salesperson only their own; a manager the own and those of the stores'
        salespeople; HQ service and admins all; others none.
        """
        if staff_rules.may(viewer.role, "hq.inbox"):
            return self
        if viewer.role == viewer.Role.MANAGER:
            stores = viewer.postings.values("store")
            return self.filter(Q(staff=viewer) | Q(desk="staff", store__in=stores))
        if viewer.role == viewer.Role.SALESPERSON:
            return self.filter(desk="staff", staff=viewer)
        return self.none()

    def waiting(self) -> ConversationQuerySet:
        """Keep those in which a customer waits for a person."""
        return self.filter(waiting_since__isnull=False)

    def at_hq(self) -> ConversationQuerySet:
        """Keep those that lie on HQ's desk."""
        return self.filter(desk="hq")
