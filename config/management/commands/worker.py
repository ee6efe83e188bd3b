"""Work off what is waiting: a supervised cluster of django-q2, until told to stop."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError

from config.management.commands.serve import refuse_unmigrated
from config.processes import GivingUpError
from config.supervisor import Supervisor


class Command(BaseCommand):
    """One of the two processes of a deployment; `serve` is the other."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Supervise one cluster."""
        refuse_unmigrated()
        self.stdout.write("Working; Ctrl-C or SIGTERM ends it")
        try:
            Supervisor().run()
        except GivingUpError as error:
            raise CommandError(str(error)) from error
