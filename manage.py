#!/usr/bin/env python
"""Run one of Regulars' management commands, with a database to run it on."""

import os
import sys

from config import env, postgres, processes

WITHOUT_DATABASE = {"check", "collectstatic", "compilemessages", "help", "makemessages"}


def main() -> None:
    """Start the project's own PostgreSQL if it is the one in use; then hand over."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    processes.follow_parent()
    if not env.DATABASE_URL and not WITHOUT_DATABASE.intersection(sys.argv[1:2]):
        try:
            postgres.ensure(env.VAR_DIR)
        except postgres.NoPostgresError as error:
            sys.exit(str(error))
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
