"""One person across channels, and who serves them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    """One person across channels, and who serves them."""

    name = "apps.members"
    verbose_name = _("會員")
