"""Who earned each order line, and why."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AttributionConfig(AppConfig):
    """Who earned each order line, and why."""

    name = "apps.attribution"
    verbose_name = _("業績認列")
