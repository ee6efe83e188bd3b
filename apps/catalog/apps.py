"""What the shop sells and where it lies."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    """What the shop sells and where it lies."""

    name = "apps.catalog"
    verbose_name = _("商品")
