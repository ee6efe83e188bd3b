"""The ground floor."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Clock, errors, money, jobs and live updates; no business word."""

    name = "apps.core"

    def ready(self) -> None:
        """Show the queue's own backlog."""
        from apps.core import health  # noqa: PLC0415  (needs the models)

        health.register_backlog("nudges", health.oldest_nudge)
