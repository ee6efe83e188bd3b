"""Components and the style page."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UiConfig(AppConfig):
    """Components and the style page."""

    name = "apps.ui"
    verbose_name = _("介面")
