"""Tiers and who stands where."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class LoyaltyConfig(AppConfig):
    """Tiers and who stands where."""

    name = "apps.loyalty"
    verbose_name = pgettext_lazy("plural", "會員等級")

    def ready(self) -> None:
        """Say how this room's tables follow a merge of members."""
        from apps.loyalty.services import merging  # noqa: PLC0415  (needs the models)

        merging.register()
