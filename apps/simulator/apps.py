"""A stand-in for the LINE platform and a small brand shop."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SimulatorConfig(AppConfig):
    """A stand-in for the LINE platform and a small brand shop."""

    name = "apps.simulator"
    verbose_name = _("模擬器")

    def ready(self) -> None:
        """Register the system check."""
        from apps.simulator import checks  # noqa: F401, PLC0415  (registers itself)
