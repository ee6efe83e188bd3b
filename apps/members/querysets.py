"""Which members and bindings a question is about."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q

from apps.core import clock

if TYPE_CHECKING:
    from apps.members.models import (  # noqa: F401  (named in a base)
        Attribute,
        Binding,
        Lead,
        Member,
        Note,
    )
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

    def people(self) -> MemberQuerySet:
        """Leave out the aliases that merges left behind."""
        return self.filter(merged_into__isnull=True)

    def bound_to(self, staff: Staff) -> MemberQuerySet:
        """Keep those whom the salesperson serves now."""
        return self.filter(bindings__staff=staff, bindings__period__upper_inf=True)

    def with_whole_profile(self) -> MemberQuerySet:
        """Keep those who lack nothing of the card and answered what HQ requires."""
        from apps.members.models import Attribute, AttributeValue  # noqa: PLC0415

        answered = AttributeValue.objects.filter(
            member=OuterRef(OuterRef("pk")), attribute=OuterRef("pk")
        )
        missing = Attribute.objects.filter(is_required=True, archived_at=None)
        missing = missing.filter(~Exists(answered))
        whole = self.exclude(Q(name="") | Q(phone="") | Q(email="") | Q(birthday=None))
        return whole.filter(~Exists(missing))

    def visible_to(self, viewer: Staff) -> MemberQuerySet:
        """Keep whom the viewer may see.

        HQ sees all, a manager the customers of the stores, a salesperson their own;
        an alias is seen by nobody.
        """
        people = self.people()
        if viewer.is_hq:
            return people
        if viewer.role == viewer.Role.MANAGER:
            return people.filter(
                bindings__period__upper_inf=True,
                bindings__store__in=viewer.postings.on(clock.today()).values("store"),
            )
        return people.bound_to(viewer)


class LeadQuerySet(models.QuerySet["Lead"]):
    """Leads and who looks after them."""

    def visible_to(self, viewer: Staff) -> LeadQuerySet:
        """Keep whom the viewer may see: HQ all, a store its own, a person theirs."""
        if viewer.is_hq:
            return self
        if viewer.role == viewer.Role.MANAGER:
            on = viewer.postings.on(clock.today())
            return self.filter(store__in=on.values("store"))
        return self.filter(staff=viewer)


class NoteQuerySet(models.QuerySet["Note"]):
    """Notes about members."""

    def shown(self) -> NoteQuerySet:
        """Leave out the hidden; the pinned come first, then the newest."""
        return self.filter(hidden_at=None).order_by("-is_pinned", "-created_at", "-pk")

    def visible_to(self, viewer: Staff) -> NoteQuerySet:
        """Keep those about members whom the viewer may see."""
        from apps.members.models import Member  # noqa: PLC0415  (a circle)

        return self.filter(member__in=Member.objects.visible_to(viewer).values("pk"))


class AttributeQuerySet(models.QuerySet["Attribute"]):
    """What HQ asks of members."""

    def asked(self) -> AttributeQuerySet:
        """Leave out what is archived; in HQ's order, with the choices."""
        return self.filter(archived_at=None).prefetch_related("choices")
