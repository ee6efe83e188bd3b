"""Serve pages on one port and live streams on the next, and keep both running."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.checks import ERROR
from django.core.management import BaseCommand, CommandError, call_command
from django.core.management.base import CommandParser
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from config import env, web
from config.processes import Child, Family, GivingUpError, python


class Command(BaseCommand):
    """One of the two processes of a deployment; `worker` is the other."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address."""
        parser.add_argument("--host", default=env.HOST)
        parser.add_argument("--port", type=int, default=env.PORT)

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, collect the static files if this is a deployment, and serve."""
        host, port = options["host"], options["port"]
        refuse_unmigrated()
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        if not settings.LOCAL:
            self.check(include_deployment_checks=True, fail_level=ERROR)
            call_command("collectstatic", interactive=False, verbosity=0)
        os.environ.setdefault("PUBLIC_URL", f"http://{host}:{port}")
        if settings.LOCAL:
            os.environ.setdefault("LIVE_URL", f"http://{host}:{port + 1}")
        connections.close_all()
        self.stdout.write(f"Pages on {host}:{port}, live streams on {host}:{port + 1}")
        try:
            Family(
                [_server("pages", host, port), _server("streams", host, port + 1)]
            ).run()
        except GivingUpError as error:
            raise CommandError(str(error)) from error


def refuse_unmigrated() -> None:
    """Raise CommandError where the database is behind the code."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        raise CommandError(
            f"{len(waiting)} migrations are waiting: run manage.py migrate first"
        )


def _server(what: str, host: str, port: int) -> Child:
    return Child(
        what,
        python("-m", "config.web", what, "--host", host, "--port", str(port)),
        grace=web.STOP_SECONDS + 3,
    )
