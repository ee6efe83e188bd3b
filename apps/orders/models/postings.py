"""Where and what each member buys: one row a member and store, or member and category.

Kept by the intake beside `members.MemberFacts`. "Bought there within N days" is
`last_at >= now - N days`. Only the keys are indexed: an update stays in its page.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.catalog.models import Category
from apps.core.money import MoneyField
from apps.members.models import Member
from apps.stores.models import Store


class MemberStore(models.Model):
    """A member's paid orders of one store: how many, the last, what is left of them."""

    pk = models.CompositePrimaryKey("store_id", "member_id")
    store = models.ForeignKey(
        Store, models.CASCADE, related_name="+", db_index=False
    )  # the key begins with it
    member = models.ForeignKey(Member, models.CASCADE, related_name="stores_bought_at")
    n = models.PositiveIntegerField()
    last_at = models.DateTimeField()
    net = MoneyField()

    class Meta:
        verbose_name = _("會員消費門市")
        verbose_name_plural = pgettext_lazy("plural", "會員消費門市")

    def __str__(self) -> str:
        return f"{self.member_id} @ {self.store_id}: {self.n}"


class MemberCategory(models.Model):
    """A member's paid orders with goods of one category, and what is left of those."""

    pk = models.CompositePrimaryKey("category_id", "member_id")
    category = models.ForeignKey(
        Category, models.CASCADE, related_name="+", db_index=False
    )  # the key begins with it
    member = models.ForeignKey(Member, models.CASCADE, related_name="categories_bought")
    n = models.PositiveIntegerField()
    last_at = models.DateTimeField()
    net = MoneyField()

    class Meta:
        verbose_name = _("會員消費分類")
        verbose_name_plural = pgettext_lazy("plural", "會員消費分類")

    def __str__(self) -> str:
        return f"{self.member_id} × {self.category_id}: {self.n}"
