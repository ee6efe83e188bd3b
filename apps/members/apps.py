"""One person across channels, and who serves them."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class MembersConfig(AppConfig):
    """One person across channels, and who serves them."""

    name = "apps.members"
    verbose_name = pgettext_lazy("plural", "會員")

    def ready(self) -> None:
        """Say how this room's tables follow a merge, and which files it takes in."""
        from apps.imports import kinds  # noqa: PLC0415  (needs models)
        from apps.members.imports import TALLIES, Members  # noqa: PLC0415
        from apps.members.services import own_movers  # noqa: PLC0415

        kinds.register(Members(), also=TALLIES)
        own_movers.register()
