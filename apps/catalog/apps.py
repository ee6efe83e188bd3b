"""What the shop sells and where it lies."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class CatalogConfig(AppConfig):
    """What the shop sells and where it lies."""

    name = "apps.catalog"
    verbose_name = pgettext_lazy("plural", "商品")

    def ready(self) -> None:
        """Say which files can be taken in here."""
        from apps.catalog.imports import Products, StockLevels  # noqa: PLC0415
        from apps.imports import kinds  # noqa: PLC0415

        kinds.register(Products())
        kinds.register(StockLevels())
