"""The inbox: messages, routing, replies."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class ConversationsConfig(AppConfig):
    """The inbox: messages, routing, replies."""

    name = "apps.conversations"
    verbose_name = pgettext_lazy("plural", "對話")
