"""People, roles and postings."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class StaffConfig(AppConfig):
    """People, roles and postings."""

    name = "apps.staff"
    verbose_name = pgettext_lazy("plural", "店員")
