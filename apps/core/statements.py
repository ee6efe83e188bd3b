"""Statements that run all day long: planned once a connection, not at every call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor

# A statement that is planned once is planned for a few rows. More want their own plan.
FEW = 50


def fetch(
    statement: str, facts: Mapping[str, Any], *, is_small: bool
) -> list[tuple[Any, ...]]:
    """Run the statement and return its rows, none where it returns nothing.

    Where `is_small` the server binds the facts and keeps the plan for the connection
    (setting `prepare_threshold`): so each parameter needs a cast in the statement.
    """
    with _planned_once() if is_small else connection.cursor() as cursor:
        cursor.execute(statement, facts)
        return cursor.fetchall() if cursor.description else []


def _planned_once() -> Any:
    """Return a cursor that is counted and logged as Django's own is."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        raw: Any = ServerBindingCursor(connection.connection)  # type: ignore[call-arg]
    if connection.queries_logged:
        return connection.make_debug_cursor(raw)
    return connection.make_cursor(raw)
