"""What a credit pays."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommissionsConfig(AppConfig):
    """What a credit pays."""

    name = "apps.commissions"
    verbose_name = _("分潤")
