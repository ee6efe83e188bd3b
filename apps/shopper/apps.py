"""The member's pages inside LINE."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ShopperConfig(AppConfig):
    """The member's pages inside LINE."""

    name = "apps.shopper"
    verbose_name = _("顧客頁")
