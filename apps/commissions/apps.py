"""What a credit pays."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommissionsConfig(AppConfig):
    """What a credit pays."""

    name = "apps.commissions"
    verbose_name = _("分潤")

    def ready(self) -> None:
        """Show how long credits have waited, and how the ledger takes a merge."""
        from apps.commissions import tasks  # noqa: PLC0415  (needs the models)
        from apps.commissions.services import merging  # noqa: PLC0415
        from apps.core import health  # noqa: PLC0415

        health.register_backlog("accrual", tasks.oldest_due)
        merging.register()
