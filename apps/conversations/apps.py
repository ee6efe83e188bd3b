"""The inbox: messages, routing, replies."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class ConversationsConfig(AppConfig):
    """The inbox: messages, routing, replies."""

    name = "apps.conversations"
    verbose_name = pgettext_lazy("plural", "對話")

    def ready(self) -> None:
        """Say how this room's tables follow a merge of members."""
        from apps.conversations.services import merging  # noqa: PLC0415  (needs the models)

        merging.register()
