"""The room of files that come in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImportsConfig(AppConfig):
    """Files that come in."""

    name = "apps.imports"
    verbose_name = _("匯入")
