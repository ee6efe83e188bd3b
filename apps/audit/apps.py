"""Who did what to whom, never changed."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    """Who did what to whom, never changed."""

    name = "apps.audit"
    verbose_name = _("稽核")
