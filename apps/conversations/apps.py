"""The inbox: messages, routing, replies."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConversationsConfig(AppConfig):
    """The inbox: messages, routing, replies."""

    name = "apps.conversations"
    verbose_name = _("對話")
