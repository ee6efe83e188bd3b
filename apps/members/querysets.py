"""Which members and bindings a question is about."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models

from apps.core import clock

if TYPE_CHECKING:
    from apps.members.models import Binding, Member  # noqa: F401  (named in a base)
    from apps.staff.models import Staff


class BindingQuerySet(models.QuerySet["Binding"]):
    """Bonds and when they hold."""

    def current(self) -> BindingQuerySet:
        """Keep the bonds that have no end."""
        return self.filter(period__upper_inf=True)

    def at(self, moment: datetime) -> BindingQuerySet:
        """Keep the bonds that held at the moment."""
        return self.filter(period__contains=moment)


class MemberQuerySet(models.QuerySet["Member"]):
    """People the brand knows."""

    def bound_to(self, staff: Staff) -> MemberQuerySet:
        """Keep those whom the salesperson serves now."""
        return self.filter(bindings__staff=staff, bindings__period__upper_inf=True)

    def visible_to(self, viewer: Staff) -> MemberQuerySet:
        """Keep whom the viewer may see.

        HQ sees all, a manager the customers of the stores, a salesperson their own.
        """
        if viewer.is_hq:
            return self
        if viewer.role == viewer.Role.MANAGER:
            return self.filter(
                bindings__period__upper_inf=True,
                bindings__store__in=viewer.postings.on(clock.today()).values("store"),
            )
        return self.bound_to(viewer)
