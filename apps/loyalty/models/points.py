"""The ledger of points: accounts, entries, and the lots that points are used from."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core import clock
from apps.loyalty.models.point_rules import PointRule
from apps.members.models import Member
from apps.staff.models import Staff

if TYPE_CHECKING:
    WholeField = models.BigIntegerField[int, int]
else:
    WholeField = models.BigIntegerField


class PointAccount(models.Model):
    """What a member's entries come to. Only an inserted entry changes it (trigger).

    `pending` points wait for the goods or for the return window to end; `debt` is what
    a reversal took beyond what was left, and the next points that become available pay
    it first.
    """

    member = models.OneToOneField(
        Member, models.PROTECT, primary_key=True, related_name="points"
    )
    balance = WholeField(default=0)
    pending = WholeField(default=0)
    debt = WholeField(default=0)

    class Meta:
        verbose_name = _("點數帳戶")
        verbose_name_plural = pgettext_lazy("plural", "點數帳戶")
        constraints = [
            models.CheckConstraint(
                condition=Q(balance__gte=0), name="points_never_below_zero"
            ),
            models.CheckConstraint(
                condition=Q(pending__gte=0), name="pending_never_below_zero"
            ),
            models.CheckConstraint(
                condition=Q(debt__gte=0), name="debt_never_below_zero"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.balance}"


class PointEntry(models.Model):
    """A line of the ledger: added, never changed; what was wrong is reversed.

    `points`, `pending` and `debt` are the changes; the trigger writes what each came
    to after them. What the entry is worth to the member is points + pending - debt.
    """

    class Kind(models.TextChoices):
        EARN = "earn", _("消費回饋")
        RELEASE = "release", _("點數生效")
        REVERSAL = "reversal", _("沖回")
        GIFT = "gift", _("會員禮")
        GRANT = "grant", _("贈點")
        DEDUCT = "deduct", _("扣點")
        BURN = "burn", _("點數折抵")
        GIVE_BACK = "give_back", _("折抵退回")
        EXPIRE = "expire", _("點數到期")
        MOVE = "move", _("會員合併")

    # Granted to many members for one cause; every other cause is one entry.
    SHARED = (Kind.GIFT, Kind.GRANT, Kind.MOVE)

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="point_entries", db_index=False
    )
    kind = models.CharField(max_length=10, choices=Kind)
    points = WholeField(default=0)
    pending = WholeField(default=0)
    debt = WholeField(default=0)
    balance_after = WholeField(default=0)
    pending_after = WholeField(default=0)
    debt_after = WholeField(default=0)
    source_type = models.CharField(max_length=20)
    source_id = models.CharField(max_length=80)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="reversal"
    )
    reason = models.CharField(max_length=120, blank=True)
    by = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("點數明細")
        verbose_name_plural = pgettext_lazy("plural", "點數明細")
        constraints = [
            models.UniqueConstraint(
                "source_type", "source_id", "kind",
                condition=~Q(kind__in=["gift", "grant", "move"]),
                name="one_point_entry_a_cause",
            ),
            models.UniqueConstraint(
                "source_type", "source_id", "kind", "member",
                condition=Q(kind__in=["gift", "grant", "move"]),
                name="one_point_grant_a_member",
            ),
            models.CheckConstraint(
                condition=Q(kind="reversal", reverses__isnull=False)
                | (~Q(kind="reversal") & Q(reverses__isnull=True)),
                name="point_reversal_names_its_entry",
            ),
            models.CheckConstraint(
                condition=~Q(points=0) | ~Q(pending=0) | ~Q(debt=0),
                name="a_point_entry_moves_something",
            ),
        ]  # fmt: skip
        indexes = [models.Index("member", "id", name="point_entry_member")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.kind} {self.worth}"

    @property
    def worth(self) -> int:
        """Return what the entry gave the member, or took (negative)."""
        return self.points + self.pending - self.debt


class PointLot(models.Model):
    """Points that were earned together, live together and die together.

    What it was computed by is kept on it, so that a changed rule never alters it:
    `computed` is what the purchase is worth by `rule` and `multiplier` (basis points),
    `points` what the lot was given. Used first in, first out.
    """

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="point_lots", db_index=False
    )
    entry = models.OneToOneField(PointEntry, models.PROTECT, related_name="lot")
    # The order that earned it: a number, for orders live on a floor above.
    order_id = models.BigIntegerField(null=True)
    round = models.PositiveSmallIntegerField(default=1)
    rule = models.ForeignKey(
        PointRule, models.PROTECT, null=True, related_name="+", db_index=False
    )
    multiplier = models.PositiveIntegerField(default=10_000)
    computed = WholeField()
    points = WholeField()
    remaining = WholeField()
    earned_at = models.DateTimeField()
    # Null while the order that it waits for is not fulfilled.
    available_at = models.DateTimeField(null=True)
    is_released = models.BooleanField(default=False)
    expires_at = models.DateTimeField(null=True)  # the first moment it is dead
    reversed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("點數批次")
        verbose_name_plural = pgettext_lazy("plural", "點數批次")
        constraints = [
            models.CheckConstraint(
                condition=Q(remaining__gte=0) & Q(remaining__lte=F("points")),
                name="lot_within_what_was_earned",
            ),
            models.CheckConstraint(
                condition=Q(reversed_at__isnull=True) | Q(remaining=0),
                name="a_reversed_lot_is_empty",
            ),
            models.CheckConstraint(
                condition=Q(is_released=False) | Q(available_at__isnull=False),
                name="a_released_lot_says_since_when",
            ),
            models.UniqueConstraint(
                "order_id",
                condition=Q(order_id__isnull=False, reversed_at__isnull=True),
                name="one_living_lot_an_order",
            ),
        ]
        indexes = [
            models.Index("order_id", "id", name="lot_order",
                         condition=Q(order_id__isnull=False)),
            models.Index("member", "id", name="lot_open",
                         condition=Q(remaining__gt=0)),
            models.Index("expires_at", name="lot_expires",
                         condition=Q(remaining__gt=0)),
            models.Index("available_at", name="lot_waits",
                         condition=Q(is_released=False, remaining__gt=0)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.member_id}: {self.remaining}/{self.points}"

    @property
    def last_day(self) -> date | None:
        """Return the last day on which the points live, None for ever."""
        return clock.last_day_before(self.expires_at)


class PointUse(models.Model):
    """How many of a lot's points an entry took: added, never changed."""

    entry = models.ForeignKey(PointEntry, models.PROTECT, related_name="uses")
    lot = models.ForeignKey(PointLot, models.PROTECT, related_name="uses")
    points = WholeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("entry", "lot", name="one_use_an_entry_and_lot"),
            models.CheckConstraint(condition=Q(points__gt=0), name="a_use_takes"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} ← {self.lot_id}: {self.points}"
