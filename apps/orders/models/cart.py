"""What a customer may buy: put together by a salesperson, or left in the shop."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.catalog.models import Variant
from apps.core.money import MoneyField
from apps.members.models import Member
from apps.orders.querysets import CartQuerySet
from apps.staff.models import Staff
from apps.stores.models import Store


class Cart(models.Model):
    """Goods for one customer, opened by its code and closed by its order."""

    class State(models.TextChoices):
        OPEN = "open", _("準備中")
        SENT = "sent", _("已傳送")
        OPENED = "opened", _("顧客已打開")
        ORDERED = "ordered", _("已下單")
        EXPIRED = "expired", _("已過期")
        ABANDONED = "abandoned", _("未結帳")

    class Delivery(models.TextChoices):
        SHIP = "ship", _("宅配到府")
        PICKUP = "pickup", _("門市取貨")

    code = models.CharField(max_length=13, unique=True)
    member = models.ForeignKey(Member, models.CASCADE, null=True, related_name="carts")
    store = models.ForeignKey(Store, models.PROTECT, null=True, related_name="+")
    # Empty for a cart that the customer filled in the shop.
    filled_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    # By what the shop knows its own cart.
    source = models.CharField(max_length=20, blank=True)
    external_id = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    delivery = models.CharField(max_length=6, choices=Delivery, default=Delivery.SHIP)
    pickup_store = models.ForeignKey(Store, models.PROTECT, null=True, related_name="+")
    note = models.CharField(_("給顧客的話"), max_length=200, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)  # ordered, expired or given up
    expires_at = models.DateTimeField()

    objects = CartQuerySet.as_manager()

    class Meta:
        verbose_name = _("購物車")
        verbose_name_plural = pgettext_lazy("plural", "購物車")
        constraints = [
            models.UniqueConstraint(
                "source",
                "external_id",
                condition=~Q(source=""),
                name="one_cart_a_number",
            ),
            models.CheckConstraint(
                condition=Q(source="") ^ Q(filled_by=None),
                name="cart_of_staff_or_of_the_shop",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["ordered", "expired", "abandoned"])
                ^ Q(closed_at=None),
                name="cart_closed_since_when",
            ),
            models.CheckConstraint(
                condition=Q(delivery="pickup") ^ Q(pickup_store=None),
                name="cart_picked_up_where",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "-changed_at"], name="cart_of_member"),
            models.Index(fields=["filled_by", "-changed_at"], name="cart_of_staff"),
            models.Index("expires_at", name="cart_to_expire",
                         condition=Q(closed_at=None)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.code


class CartLine(models.Model):
    """One variant in a cart, and who put it in: nobody is the customer."""

    cart = models.ForeignKey(Cart, models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="+")
    quantity = models.PositiveSmallIntegerField()
    unit_price = MoneyField()  # as the customer was last shown it
    added_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["cart", "id"]
        constraints = [
            models.UniqueConstraint("cart", "variant", name="one_cart_line_a_variant"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="cart_line_has_pieces"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} × {self.quantity}"
