"""Machine doors: webhooks and the API."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GatewayConfig(AppConfig):
    """Machine doors: webhooks and the API."""

    name = "apps.gateway"
    verbose_name = _("介接")
