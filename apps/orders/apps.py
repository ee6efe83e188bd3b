"""Orders of every channel and their refunds."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    """Orders of every channel and their refunds."""

    name = "apps.orders"
    verbose_name = _("訂單")
