"""An order of any channel, and its lines."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.catalog.models import Product, Variant
from apps.core.money import MoneyField
from apps.members.models import Identity, Member
from apps.orders.models.cart import Cart
from apps.orders.querysets import OrderQuerySet
from apps.staff.models import Staff
from apps.stores.models import Store


class Order(models.Model):
    """One purchase, known by its source and the source's own number."""

    class Channel(models.TextChoices):
        STORE = "store", _("門市")
        WEB = "web", _("官網")
        APP = "app", "App"

    class Status(models.TextChoices):
        """Forward only, as `rules.statuses` says."""

        PLACED = "placed", _("待付款")
        PAID = "paid", _("已付款")
        SHIPPED = "shipped", _("已出貨")
        READY = "ready", _("待取貨")
        COMPLETED = "completed", _("已完成")
        CANCELLED = "cancelled", _("已取消")

    source = models.CharField(_("來源系統"), max_length=20)
    external_id = models.CharField(_("訂單編號"), max_length=60)
    channel = models.CharField(_("通路"), max_length=8, choices=Channel)
    store = models.ForeignKey(Store, models.PROTECT, null=True, related_name="orders")
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="orders")
    # The kind of the key by which the member was known; "" where none was told.
    matched_by = models.CharField(
        max_length=8, choices=Identity.Kind, blank=True, default="", db_default=""
    )
    # Who rang it up in the store, where the till said so.
    seller = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    status = models.CharField(
        _("狀態"), max_length=9, choices=Status, default=Status.PLACED
    )
    placed_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    # Since when the customer has the goods; unknown of what was recorded before this.
    done_at = models.DateTimeField(null=True)
    goods = MoneyField()  # quantity x price, before any discount
    discount = MoneyField()
    shipping = MoneyField()
    net = MoneyField()  # what the goods cost after discounts; shipping is apart
    refunded = MoneyField()
    tax = MoneyField()  # included in `net`
    ship_to = models.CharField(max_length=200, blank=True)
    # The cart it was made from, if a cart of ours was.
    cart = models.ForeignKey(Cart, models.SET_NULL, null=True, related_name="orders")
    # The source's number of the order whose goods were brought back for these.
    exchange_of = models.CharField(max_length=60, blank=True)
    points_used = models.PositiveIntegerField(default=0)
    points_discount = MoneyField()  # included in `discount`
    coupons = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    # What the shop sent along from the tracked link the customer came by.
    reference = models.CharField(max_length=40, blank=True)
    digest = models.BinaryField(
        max_length=32
    )  # of the payload: the same one is a no-op
    # Set when the order, its member or its touches changed: it is to be credited.
    credit_due_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    # When the source last changed what is recorded, where it says so.
    revised_at = models.DateTimeField(null=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("訂單")
        verbose_name_plural = pgettext_lazy("plural", "訂單")
        constraints = [
            models.UniqueConstraint("source", "external_id", name="one_order_a_number"),
            models.CheckConstraint(
                condition=Q(net=F("goods") - F("discount")), name="order_net_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(refunded__gte=0) & Q(refunded__lte=F("net")),
                name="refunds_within_what_was_paid",
            ),
            models.CheckConstraint(
                condition=Q(status="cancelled") ^ Q(cancelled_at=None),
                name="cancelled_since_when",
            ),
            models.CheckConstraint(
                condition=Q(tax__gte=0)
                & Q(tax__lte=F("net"))
                & Q(points_discount__gte=0),
                name="order_tax_and_points_in_range",
            ),
        ]
        indexes = [
            models.Index("member", "placed_at", include=["net", "store"],
                         name="order_member_placed"),
            BrinIndex(fields=["placed_at"], name="order_placed_brin"),
            models.Index("placed_at", "id", name="order_newest_first"),
            models.Index("credit_due_at", name="order_credit_due",
                         condition=Q(credit_due_at__isnull=False)),
            models.Index("source", "exchange_of", name="order_exchanges",
                         condition=~Q(exchange_of="")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.external_id

    @property
    def source_key(self) -> tuple[str, str]:
        """Return what the order is known by."""
        return self.source, self.external_id


class OrderLine(models.Model):
    """One thing bought. `net` is quantity x price less its part of the discounts."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    external_id = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField()
    sku = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    variant = models.ForeignKey(Variant, models.SET_NULL, null=True, related_name="+")
    product = models.ForeignKey(Product, models.SET_NULL, null=True, related_name="+")
    quantity = models.PositiveIntegerField()
    unit_price = MoneyField()
    discount = MoneyField()
    net = MoneyField()
    tax = MoneyField()  # included in `net`

    class Meta:
        verbose_name = _("訂單明細")
        verbose_name_plural = pgettext_lazy("plural", "訂單明細")
        ordering = ["order", "position"]
        constraints = [
            models.UniqueConstraint("order", "external_id", name="one_line_a_number"),
            models.CheckConstraint(
                condition=Q(net=F("quantity") * F("unit_price") - F("discount"))
                & Q(net__gte=0),
                name="line_net_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} × {self.quantity}"
