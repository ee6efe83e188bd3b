"""Regions and stores."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class StoresConfig(AppConfig):
    """Regions and stores."""

    name = "apps.stores"
    verbose_name = pgettext_lazy("plural", "門市")
