"""What a visitor did in the shop: pages looked at, words searched, goods in the cart.

Written by the million and read a few at a time: few indexes, and none twice.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.catalog.models import Product
from apps.members.models import Member


class PageView(models.Model):
    """The shop's snippet saw a product being looked at."""

    event_id = models.UUIDField(unique=True)
    visitor = models.CharField(max_length=40)
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, related_name="page_views", db_index=False
    )
    product = models.ForeignKey(
        Product, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    path = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["member", "-at"], name="view_of_member",
                condition=Q(member__isnull=False),
            ),
            models.Index(fields=["visitor", "-at"], name="view_of_visitor"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.path


class ShopSearch(models.Model):
    """Words that were searched for in the shop; none that names a person is kept."""

    event_id = models.UUIDField(unique=True)
    visitor = models.CharField(max_length=40)
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, related_name="+", db_index=False
    )
    term = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["member", "-at"], name="search_of_member",
                condition=Q(member__isnull=False),
            ),
            models.Index(
                "visitor", name="search_of_visitor",
                condition=Q(member=None),
            ),
        ]  # fmt: skip
        constraints = [
            models.CheckConstraint(condition=~Q(term=""), name="search_has_words"),
        ]

    def __str__(self) -> str:
        return self.term


class CartEvent(models.Model):
    """What was put into the shop's cart or taken out, or the whole cart as it is."""

    class Kind(models.TextChoices):
        ADDED = "cart_added", _("放進購物車")
        REMOVED = "cart_removed", _("拿出購物車")
        STATE = "cart", _("購物車內容")

    event_id = models.UUIDField(unique=True)
    visitor = models.CharField(max_length=40)
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=12, choices=Kind)
    pieces = models.JSONField()  # how many by SKU
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["member", "-at"], name="cart_event_of_member",
                condition=Q(member__isnull=False),
            ),
            models.Index(
                "visitor", name="cart_event_of_visitor",
                condition=Q(member=None),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {len(self.pieces)}"
