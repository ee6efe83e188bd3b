"""Machine doors: webhooks and the API."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GatewayConfig(AppConfig):
    """Machine doors: webhooks and the API."""

    name = "apps.gateway"
    verbose_name = _("介接")

    def ready(self) -> None:
        """Show how long events have waited, and which could not be routed."""
        from apps.core import health  # noqa: PLC0415  (needs the models)
        from apps.gateway import reports  # noqa: PLC0415
        from apps.reports import todos  # noqa: PLC0415

        health.register_backlog("events", reports.oldest_event)
        health.register_backlog("shop_events", reports.oldest_shop_event)
        todos.register(reports.dead_letters)
