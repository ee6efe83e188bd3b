"""Which coupons, copies and uses a question is about."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from apps.core import clock

if TYPE_CHECKING:
    from apps.loyalty.models import Coupon, CouponIssue, CouponUse  # noqa: F401
    from apps.staff.models import Staff


class CouponQuerySet(models.QuerySet["Coupon"]):
    """The designs of HQ."""

    def visible_to(self, viewer: Staff) -> CouponQuerySet:
        """Keep what the viewer may see: HQ all, stores what they may hand out."""
        return self if viewer.is_hq else self.exclude(state="draft").for_staff()

    def for_staff(self) -> CouponQuerySet:
        """Keep the coupons that salespeople hand out."""
        return self.filter(is_for_staff=True)

    def sendable(self, now: datetime) -> CouponQuerySet:
        """Keep the live ones whose sending window holds the moment."""
        return self.filter(
            Q(send_from=None) | Q(send_from__lte=now),
            Q(send_until=None) | Q(send_until__gt=now),
            state="live",
        )


class CouponIssueQuerySet(models.QuerySet["CouponIssue"]):
    """The copies that were handed out."""

    def real(self) -> CouponIssueQuerySet:
        """Leave out what was issued to try a draft."""
        return self.exclude(source="test")

    def usable(self, now: datetime) -> CouponIssueQuerySet:
        """Keep those whose member can use them, now or from a later day on."""
        return self.filter(
            Q(valid_until=None) | Q(valid_until__gt=now),
            state__in=["issued", "reserved"],
            coupon__state="live",
        )

    def used_up(self) -> CouponIssueQuerySet:
        """Keep those that were redeemed."""
        return self.filter(state="redeemed")

    def past(self, now: datetime) -> CouponIssueQuerySet:
        """Keep those that went by unused or were taken back."""
        return self.filter(
            Q(valid_until__lte=now) | ~Q(coupon__state="live") | Q(state="voided")
        ).exclude(state="redeemed")

    def visible_to(self, viewer: Staff) -> CouponIssueQuerySet:
        """Keep what the viewer may look up: HQ all, stores those of their customers.

        Whoever shows a code at a counter is served whichever store they belong to: the
        write-off goes by the code, not by this.
        """
        if viewer.is_hq:
            return self
        if viewer.role == viewer.Role.MANAGER:
            stores = viewer.postings.on(clock.today()).values("store")
            return self.filter(
                member__bindings__period__upper_inf=True,
                member__bindings__store__in=stores,
            )
        return self.filter(
            member__bindings__period__upper_inf=True, member__bindings__staff=viewer
        )


class CouponUseQuerySet(models.QuerySet["CouponUse"]):
    """What was done with the copies."""

    def live(self) -> CouponUseQuerySet:
        """Keep the uses that hold their copy."""
        return self.exclude(state="voided")

    def visible_to(self, viewer: Staff) -> CouponUseQuerySet:
        """Keep what the viewer may see: HQ all, stores what was used with them."""
        if viewer.is_hq:
            return self
        return self.filter(store__in=viewer.postings.on(clock.today()).values("store"))
