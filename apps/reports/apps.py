"""Figures over all rooms."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    """Figures over all rooms."""

    name = "apps.reports"
    verbose_name = _("報表")

    def ready(self) -> None:
        """Show on a member's page what staff write, and what was done in the shop."""
        from apps.reports import browsing, profile  # noqa: PLC0415  (needs models)

        profile.register_all()
        browsing.register_all()
