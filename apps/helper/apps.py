"""The store helper on tablet and phone."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HelperConfig(AppConfig):
    """The store helper on tablet and phone."""

    name = "apps.helper"
    verbose_name = _("店員幫手")
