"""The brand's accounts on each channel and the adapters that speak to them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChannelsConfig(AppConfig):
    """The brand's accounts on each channel and the adapters that speak to them."""

    name = "apps.channels"
    verbose_name = _("通路")
