"""Tiers and who stands where."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LoyaltyConfig(AppConfig):
    """Tiers and who stands where."""

    name = "apps.loyalty"
    verbose_name = _("會員等級")
