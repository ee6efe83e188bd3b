"""Which members and bindings a question is about."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from apps.core import clock

if TYPE_CHECKING:
    from apps.members.models import (  # noqa: F401  (named in a base)
        Attribute,
        Binding,
        Lead,
        Member,
        MemberTag,
        Note,
        Tag,
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

    def tagged(
        self, tag: Tag, *, times: int = 1, since: date | None = None
    ) -> MemberQuerySet:
        """Keep those given the tag so often, ever or from the day (Taipei) on."""
        from apps.members.models import MemberTag  # noqa: PLC0415  (a circle)

        given = MemberTag.objects.filter(tag=tag, count__gte=times)
        if since is not None:
            given = given.often_since(since, times=times)
        return self.filter(pk__in=given.values("member"))


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


class TagQuerySet(models.QuerySet["Tag"]):
    """Words about members."""

    def offered(self) -> TagQuerySet:
        """Leave out the archived; by name, as people pick them."""
        return self.filter(archived_at=None).order_by("name")

    def kept(self) -> TagQuerySet:
        """Leave out those that were merged into another."""
        return self.filter(merged_into=None)

    def with_figures(self) -> TagQuerySet:
        """Add `people`, how many have it (aliases apart), and `used_at`, when last."""
        from apps.members.models import Member, MemberTag  # noqa: PLC0415  (a circle)

        given = MemberTag.objects.filter(tag=models.OuterRef("pk"))
        aliases = Member.objects.filter(merged_into__isnull=False)
        held = given.exclude(member__in=aliases.values("pk")).order_by().values("tag")
        return self.annotate(
            people=Coalesce(
                models.Subquery(held.annotate(n=models.Count("pk")).values("n")), 0
            ),
            used_at=models.Subquery(given.order_by("-last_at").values("last_at")[:1]),
        )


class MemberTagQuerySet(models.QuerySet["MemberTag"]):
    """Tags on members."""

    def often_since(self, day: date, *, times: int = 1) -> MemberTagQuerySet:
        """Keep those given at least so often from the day (Taipei) on."""
        return (
            self.filter(last_at__gte=clock.start_of(day), by_day__day__gte=day)
            .annotate(lately=models.Sum("by_day__count"))
            .filter(lately__gte=times)
        )
