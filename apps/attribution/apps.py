"""Who earned each order line, and why."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AttributionConfig(AppConfig):
    """Who earned each order line, and why."""

    name = "apps.attribution"
    verbose_name = _("業績認列")

    def ready(self) -> None:
        """Show how long orders have waited, and how touches follow a merge."""
        from apps.attribution import tasks  # noqa: PLC0415  (needs the models)
        from apps.attribution.services import merging  # noqa: PLC0415
        from apps.core import health  # noqa: PLC0415

        health.register_backlog("credit", tasks.oldest_due)
        merging.register()
