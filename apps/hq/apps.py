"""HQ's back office."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HqConfig(AppConfig):
    """HQ's back office."""

    name = "apps.hq"
    verbose_name = _("總部")
