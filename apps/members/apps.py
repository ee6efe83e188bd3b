"""One person across channels, and who serves them."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class MembersConfig(AppConfig):
    """One person across channels, and who serves them."""

    name = "apps.members"
    verbose_name = pgettext_lazy("plural", "會員")
