"""What is asked of a member all the time, kept by the intake of orders."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.money import MoneyField
from apps.members.models.person import Member


class MemberFacts(models.Model):
    """What is asked of a member all the time, kept up to date by the intake."""

    member = models.OneToOneField(
        Member, models.CASCADE, primary_key=True, related_name="facts"
    )
    orders = models.PositiveIntegerField(default=0)
    spend = MoneyField()
    spend_12m = MoneyField()
    first_order_at = models.DateTimeField(null=True)
    last_order_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("會員統計")
        verbose_name_plural = pgettext_lazy("plural", "會員統計")

    def __str__(self) -> str:
        return f"facts of {self.member_id}"
