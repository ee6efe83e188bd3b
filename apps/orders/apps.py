"""Orders of every channel and their refunds."""

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class OrdersConfig(AppConfig):
    """Orders of every channel and their refunds."""

    name = "apps.orders"
    verbose_name = pgettext_lazy("plural", "訂單")

    def ready(self) -> None:
        """Say how this room's tables follow a merge, and which files it takes in."""
        from apps.imports import kinds  # noqa: PLC0415  (needs the models)
        from apps.orders.imports import Orders  # noqa: PLC0415
        from apps.orders.services import merging  # noqa: PLC0415

        kinds.register(Orders())
        merging.register()
