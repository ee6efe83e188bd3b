"""Runs the LINE stand-in: platform, phones and brand shop, on one port."""

import os
from typing import Any

from django.core.checks import Tags, run_checks
from django.core.management.base import BaseCommand, CommandError, CommandParser
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

DEFAULT_PORT = 8002
THREADS = 16


class Command(BaseCommand):
    """Serve the simulator until it is told to stop."""

    help = "Run the LINE simulator (never in production)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the port and the number of threads."""
        parser.add_argument("--port", type=int, default=DEFAULT_PORT)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--threads", type=int, default=THREADS)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Check that this is no deployment, then serve."""
        os.environ["SIMULATOR"] = "1"  # read again by the server's own process
        for problem in run_checks(tags=[Tags.security]):
            if problem.id == "simulator.E001":
                raise CommandError(problem.msg)
        address = f"{options['host']}:{options['port']}"
        self.stdout.write(f"LINE simulator on {address}; Ctrl-C ends it")
        Server(
            "apps.simulator.wsgi:application",
            address=options["host"],
            port=options["port"],
            interface=Interfaces.WSGI,
            workers=1,
            blocking_threads=options["threads"],
            workers_kill_timeout=5,
            log_level=LogLevels.error,
        ).serve()
