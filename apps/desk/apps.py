"""The inbox, the same for HQ and for the stores."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    """Pages to read and answer customers, in HQ's frame or in the store helper's."""

    name = "apps.desk"
    verbose_name = _("收件匣")
