"""The bond of a member to a salesperson and a store, and the code behind the QR."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.members.models.person import Member
from apps.members.querysets import BindingQuerySet
from apps.staff.models import Staff
from apps.stores.models import Store


class BindingCode(models.Model):
    """The code behind the QR of a salesperson at a store; it can be revoked.

    What is printed is the code with a signature (`rules.tokens`), so that codes cannot
    be guessed or made up.
    """

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="binding_codes")
    store = models.ForeignKey(Store, models.PROTECT, related_name="binding_codes")
    code = models.CharField(max_length=12, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    # Who took the slot over: what is printed on the old card leads there.
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("綁定碼")
        verbose_name_plural = pgettext_lazy("plural", "綁定碼")
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "store"],
                condition=Q(revoked_at__isnull=True),
                name="one_live_code_a_slot",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Binding(models.Model):
    """The effective-dated bond of a member to a salesperson and a store."""

    class Source(models.TextChoices):
        LOGIN = "login", _("掃碼（LINE 登入）")
        LIFF = "liff", _("掃碼（LINE 內頁）")
        MESSAGE = "message", _("掃碼（傳送訊息）")
        MANUAL = "manual", _("總部指定")
        IMPORT = "import", _("匯入")
        LEAD = "lead", _("潛在顧客轉入")
        HANDOVER = "handover", _("離職交接")
        MERGE = "merge", _("會員合併")

    member = models.ForeignKey(Member, models.PROTECT, related_name="bindings")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="bindings")
    store = models.ForeignKey(Store, models.PROTECT, related_name="bindings")
    code = models.ForeignKey(BindingCode, models.PROTECT, null=True, related_name="+")
    period = DateTimeRangeField()
    source = models.CharField(max_length=10, choices=Source)
    created_at = models.DateTimeField()

    objects = BindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("綁定")
        verbose_name_plural = pgettext_lazy("plural", "綁定")
        constraints = [
            # Its losers would be given deadlocks: `services.bind` takes an advisory
            # lock per member first.
            ExclusionConstraint(
                name="one_salesperson_at_a_time",
                expressions=[
                    ("member", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(period__isempty=False)
                & Q(period__lower_inc=True)
                & Q(period__upper_inc=False)
                & Q(period__lower_inf=False),
                name="binding_period_is_half_open",
            ),
        ]
        indexes = [
            models.Index(Upper("period"), "staff", name="binding_end_staff"),
        ]

    def __str__(self) -> str:
        return f"{self.member} → {self.staff} @ {self.store}"
