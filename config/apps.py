"""The composition root as an app, so that its commands and checks are found."""

from django.apps import AppConfig


class Config(AppConfig):
    """Holds the commands of the whole house: demo, serve, worker, nightly, bench."""

    name = "config"
    verbose_name = "Regulars"

    def ready(self) -> None:
        """Know the deployment's checks; let executed tasks move the cluster's pulse."""
        from django_q import signals  # noqa: PLC0415  (needs the apps)

        from config import checks, tasks  # noqa: F401, PLC0415

        signals.pre_execute.connect(tasks.beat)
        signals.post_execute_in_worker.connect(tasks.beat)
