"""What is asked of a member all the time, kept by the intake of orders."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.money import MoneyField
from apps.members.models.person import Member


class MemberFacts(models.Model):
    """What is asked of a member all the time, kept up to date by the intake.

    Paid orders count. Spend is what is left of them after refunds; `goods` and
    `discount` are as they were bought, so that their ratio is the discount's share.
    Windows are whole days of Taipei and move on at night (`manage.py slide_facts`).
    No column but the key is indexed, so that an update stays in its page.
    """

    member = models.OneToOneField(
        Member, models.CASCADE, primary_key=True, related_name="facts"
    )
    orders = models.PositiveIntegerField(default=0)
    orders_30d = models.PositiveIntegerField(default=0)
    orders_90d = models.PositiveIntegerField(default=0)
    orders_12m = models.PositiveIntegerField(default=0)
    orders_store = models.PositiveIntegerField(default=0)  # by channel
    orders_web = models.PositiveIntegerField(default=0)
    orders_app = models.PositiveIntegerField(default=0)
    orders_cancelled = models.PositiveIntegerField(default=0)  # paid or not
    shopping_days = models.PositiveIntegerField(default=0)
    spend = MoneyField()
    spend_30d = MoneyField()
    spend_90d = MoneyField()
    spend_12m = MoneyField()
    largest_order = MoneyField()  # what is left of it
    goods = MoneyField()
    discount = MoneyField()
    refunded = MoneyField()
    first_order_at = models.DateTimeField(null=True)
    second_order_at = models.DateTimeField(null=True)
    last_order_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("會員統計")
        verbose_name_plural = pgettext_lazy("plural", "會員統計")

    def __str__(self) -> str:
        return f"facts of {self.member_id}"
