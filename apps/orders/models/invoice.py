"""The e-invoices of orders, and the customers who show one to have it counted."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.members.models import Member
from apps.orders.models.order import Order

SHOWN = 3  # signs of a carrier that may be seen


class OrderInvoice(models.Model):
    """The e-invoice of an order; a number is one order's within its two months."""

    order = models.OneToOneField(
        Order, models.CASCADE, primary_key=True, related_name="invoice"
    )
    number = models.CharField(_("發票號碼"), max_length=10)
    issued_on = models.DateField(_("開立日期"))
    period = models.DateField()  # `rules.invoices.period_of`
    random_code = models.CharField(_("隨機碼"), max_length=4, blank=True)
    carrier = models.CharField(_("載具"), max_length=64, blank=True)
    donated_to = models.CharField(_("愛心碼"), max_length=7, blank=True)

    class Meta:
        verbose_name = _("電子發票")
        verbose_name_plural = pgettext_lazy("plural", "電子發票")
        constraints = [
            models.UniqueConstraint(
                fields=["number", "period"], name="one_order_an_invoice"
            ),
        ]

    def __str__(self) -> str:
        return self.shown_number

    @property
    def shown_number(self) -> str:
        """Return the number as it is printed."""
        return f"{self.number[:2]}-{self.number[2:]}"

    @property
    def masked_carrier(self) -> str:
        """Return the carrier of which only its owner recognises the whole."""
        hidden = max(0, len(self.carrier) - SHOWN)
        return self.carrier[:SHOWN] + "*" * hidden


class InvoiceClaim(models.Model):
    """A customer showed an invoice; the purchase becomes theirs, once over everybody.

    One whose order has not come yet waits for it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("等待訂單")
        CLAIMED = "claimed", _("已入帳")
        REFUSED = "refused", _("沒有入帳")

    class Reason(models.TextChoices):
        NONE = "", ""
        MISMATCH = "mismatch", _("隨機碼或金額與這張發票不符")
        DONATED = "donated", _("這張發票已經捐贈，不能登錄")
        CANCELLED = "cancelled", _("這筆消費已經取消")
        YOURS = "yours", _("這筆消費早已算在您的帳上，點數不會重複給")
        OTHER_MEMBER = "other_member", _("這筆消費屬於另一位會員")
        TAKEN = "taken", _("這張發票已經登錄過")
        NOT_OURS = "not_ours", _("這不是我們開立的發票")
        NOT_FOUND = "not_found", _("等了兩週，查無這張發票的消費")

    class Source(models.TextChoices):
        QR = "qr", "QR"
        TYPED = "typed", _("手動輸入")

    LIVE = (State.WAITING, State.CLAIMED)

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="invoice_claims", db_index=False
    )
    number = models.CharField(_("發票號碼"), max_length=10)
    issued_on = models.DateField(_("開立日期"))
    random_code = models.CharField(_("隨機碼"), max_length=4)
    total = models.BigIntegerField(null=True)  # NT$, where it was told
    source = models.CharField(max_length=5, choices=Source)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    reason = models.CharField(
        max_length=12, choices=Reason, blank=True, default=Reason.NONE
    )
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, related_name="claims", db_index=False
    )
    made_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("發票登錄")
        verbose_name_plural = pgettext_lazy("plural", "發票登錄")
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(state="claimed"),
                name="one_claim_an_invoice",
            ),
            models.UniqueConstraint(
                fields=["member", "number", "issued_on"],
                condition=Q(state__in=["waiting", "claimed"]),
                name="one_live_claim_a_member_and_invoice",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", settled_at=None, reason="")
                | Q(state="claimed", settled_at__isnull=False, order__isnull=False,
                    reason="")
                | (Q(state="refused", settled_at__isnull=False) & ~Q(reason="")),
                name="a_claim_says_what_became_of_it",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["member", "-made_at"], name="claims_of_member"),
            models.Index(fields=["-made_at", "-id"], name="claims_newest_first"),
            models.Index(
                fields=["number"], condition=Q(state="waiting"), name="claims_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shown_number} {self.state}"

    @property
    def shown_number(self) -> str:
        """Return the number as it is printed."""
        return f"{self.number[:2]}-{self.number[2:]}"
