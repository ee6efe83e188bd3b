"""People, roles and postings."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StaffConfig(AppConfig):
    """People, roles and postings."""

    name = "apps.staff"
    verbose_name = _("店員")
