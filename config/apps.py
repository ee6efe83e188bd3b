"""The composition root as an app, so that its commands and checks are found."""

from django.apps import AppConfig


class Config(AppConfig):
    """Holds the commands of the whole house: demo, serve, worker, nightly, bench."""

    name = "config"
    verbose_name = "Regulars"
