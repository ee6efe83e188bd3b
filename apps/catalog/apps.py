"""What the shop sells and where it lies."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class CatalogConfig(AppConfig):
    """What the shop sells and where it lies."""

    name = "apps.catalog"
    verbose_name = pgettext_lazy("plural", "商品")
