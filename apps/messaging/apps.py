"""The single way out: every message leaves through the outbox."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    """The single way out: every message leaves through the outbox."""

    name = "apps.messaging"
    verbose_name = _("發送")

    def ready(self) -> None:
        """Show how long the outbox has waited, and how it follows a merge."""
        from apps.core import health  # noqa: PLC0415  (needs the models)
        from apps.messaging import reports  # noqa: PLC0415
        from apps.messaging.services import merging  # noqa: PLC0415

        health.register_backlog("messages", reports.oldest_due)
        merging.register()
