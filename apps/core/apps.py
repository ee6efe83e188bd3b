"""The ground floor."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Clock, errors, money, jobs and live updates; no business word."""

    name = "apps.core"
