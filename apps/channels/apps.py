"""The brand's accounts on each channel and the adapters that speak to them."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class ChannelsConfig(AppConfig):
    """The brand's accounts on each channel and the adapters that speak to them."""

    name = "apps.channels"
    verbose_name = pgettext_lazy("plural", "通路")
