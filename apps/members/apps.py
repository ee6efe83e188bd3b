"""One person across channels, and who serves them."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class MembersConfig(AppConfig):
    """One person across channels, and who serves them."""

    name = "apps.members"
    verbose_name = pgettext_lazy("plural", "會員")

    def ready(self) -> None:
        """Say how this room's tables follow a merge."""
        from apps.members.services import own_movers  # noqa: PLC0415  (needs models)

        own_movers.register()
