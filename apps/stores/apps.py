"""Regions and stores."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StoresConfig(AppConfig):
    """Regions and stores."""

    name = "apps.stores"
    verbose_name = _("門市")
