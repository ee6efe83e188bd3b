"""What the brand's web shop remembers of what it sold."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ShopOrder(models.Model):
    """An order placed in the web shop, with the body that was sent to the API."""

    number = models.CharField(max_length=30, unique=True)
    body = models.JSONField()
    answer = models.JSONField(default=dict)
    placed_at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True, blank=True)
    refunded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("網路商店訂單")

    def __str__(self) -> str:
        return self.number
