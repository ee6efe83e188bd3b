"""The single way out: every message leaves through the outbox."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    """The single way out: every message leaves through the outbox."""

    name = "apps.messaging"
    verbose_name = _("發送")
