"""Codes that tablets read at a counter, some of them without a net at that moment."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.money import MoneyField
from apps.loyalty.models import CouponUse
from apps.orders.models.pickup import Pickup
from apps.orders.querysets import WriteOffQuerySet
from apps.staff.models import Staff
from apps.stores.models import Store


class WriteOff(models.Model):
    """One scan: whose, where, when it was made and when it arrived, and the answer."""

    class State(models.TextChoices):
        RECEIVED = "received", _("處理中")
        ACCEPTED = "accepted", _("已核銷")
        REFUSED = "refused", _("未核銷")

    # The tablet's own number of the scan: sent twice it is the same scan.
    client_id = models.UUIDField(unique=True)
    device_id = models.UUIDField()
    code = models.CharField(max_length=60)
    amount = MoneyField(default=0)  # of the sale before the coupon, where it was typed
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    scanned_at = models.DateTimeField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.RECEIVED)
    use = models.ForeignKey(CouponUse, models.PROTECT, null=True, related_name="+")
    pickup = models.ForeignKey(Pickup, models.PROTECT, null=True, related_name="+")
    # Why it was refused: stable, and as the person read it.
    refusal = models.CharField(max_length=40, blank=True)
    why = models.CharField(max_length=300, blank=True)
    # Who looked after a refused one, and what came of it.
    settled_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=200, blank=True)

    objects = WriteOffQuerySet.as_manager()

    class Meta:
        verbose_name = _("掃碼核銷")
        verbose_name_plural = pgettext_lazy("plural", "掃碼核銷")
        constraints = [
            models.CheckConstraint(
                condition=Q(scanned_at__lte=models.F("received_at")),
                name="a_scan_arrives_after_it_was_made",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted")
                | (Q(use__isnull=False) ^ Q(pickup__isnull=False)),
                name="an_accepted_scan_says_what_of",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(refusal=""),
                name="a_refused_scan_says_why",
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_by=None)
                | Q(settled_at__isnull=False, settled_by__isnull=False)
                & ~Q(outcome=""),
                name="a_settled_scan_says_what_came_of_it",
            ),
        ]
        indexes = [
            models.Index(fields=["store", "-received_at"], name="writeoff_of_store"),
            models.Index(fields=["store", "received_at"], name="writeoff_to_follow_up",
                         condition=Q(state="refused", settled_at=None)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.client_id}: {self.state}"
