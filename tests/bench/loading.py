"""Write many rows in SQL, counted from 1, as fast as the database takes them.

Triggers, indexes and constraints of large tables are set aside while their rows are
written and made anew behind them, in one transaction: killed, nothing of it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, models
from psycopg import sql

# Rows counted in one statement: some seconds, so that the progress is seen to move.
STRIDE = 250_000
MEMORY = """
    set local maintenance_work_mem = '1GB';
    set local work_mem = '512MB';
    set local synchronous_commit = off;
"""
# What rests on an index: never one that a foreign key points to.
CONSTRAINTS = """
    select kept.conrelid::regclass::text, kept.conname, pg_get_constraintdef(kept.oid)
    from pg_constraint as kept
    where kept.conrelid = any(%s::regclass[]) and kept.contype in ('p', 'u', 'x')
      and not exists (
          select from pg_constraint as pointing
          where pointing.contype = 'f' and pointing.conindid = kept.conindid)
"""
INDEXES = """
    select c.relname, pg_get_indexdef(i.indexrelid)
    from pg_index i join pg_class c on c.oid = i.indexrelid
    where i.indrelid = any(%s::regclass[])
      and not exists (select from pg_constraint where conindid = i.indexrelid)
"""

Moved = Callable[[int], object]  # told how many were counted


def execute(text: str, facts: object = None) -> list[tuple[object, ...]]:
    """Run a statement and return its rows, if it has any."""
    with connection.cursor() as cursor:
        cursor.execute(text, facts)  # type: ignore[arg-type]  # as Django's takes it
        return cursor.fetchall() if cursor.description else []


@dataclass(frozen=True)
class Rows:
    """Rows of a model: its columns as SQL over `n`, which counts from 1 to `count`.

    `beside` is what else stands behind `from`; a column that is not named gets the
    field's default.
    """

    model: type[models.Model]
    columns: Mapping[str, str]
    count: int
    beside: str = ""

    def write(self, moved: Moved) -> None:
        """Write the rows, a stride a statement."""
        for first in range(1, self.count + 1, STRIDE):
            last = min(first + STRIDE - 1, self.count)
            with connection.cursor() as cursor:
                cursor.execute(self._statement(first, last))
            moved(last - first + 1)
        _count_on(self.model)

    def _statement(self, first: int, last: int) -> sql.Composed:
        named: dict[str, sql.Composable] = {
            name: sql.SQL(text) for name, text in self.columns.items()
        }
        missing: dict[str, sql.Composable] = {
            str(field.column): sql.Literal(_default(field))
            for field in self.model._meta.concrete_fields
            if field.column not in named and not field.primary_key
        }
        columns = {**named, **missing}
        return sql.SQL(
            "insert into {} ({}) select {} from generate_series({}, {}) as n {}"
        ).format(
            sql.Identifier(self.model._meta.db_table),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(columns.values()),
            sql.Literal(first),
            sql.Literal(last),
            sql.SQL(self.beside),
        )


@dataclass(frozen=True)
class Drawn:
    """Rows of a table that are drawn from what is written already, in one statement."""

    model: type[models.Model]
    statement: str
    count: int = 1

    def write(self, moved: Moved) -> None:
        """Write the rows."""
        execute(self.statement)
        moved(self.count)


@contextmanager
def unguarded(written: Sequence[type[models.Model]]) -> Iterator[None]:
    """Write without triggers, constraints and indexes, and make them anew afterwards.

    To be used in a transaction, for tables that nobody else writes to meanwhile.
    """
    tables = [each._meta.db_table for each in written]
    execute("set local session_replication_role = replica")
    execute(MEMORY)
    constraints = execute(CONSTRAINTS, [tables])
    indexes = execute(INDEXES, [tables])
    for table, name, _definition in constraints:
        execute(f'alter table {table} drop constraint "{name}"')
    for name, _definition in indexes:
        execute(f'drop index "{name}"')
    yield
    for table, name, definition in constraints:
        execute(f'alter table {table} add constraint "{name}" {definition}')
    for _name, definition in indexes:
        execute(str(definition))


def _count_on(model: type[models.Model]) -> None:
    """Let the table's own counter go on behind the ids that were written."""
    key = model._meta.pk
    if isinstance(key, models.AutoField | models.BigAutoField):
        table = model._meta.db_table
        execute(
            f"select setval(pg_get_serial_sequence('{table}', 'id'),"  # noqa: S608
            f" (select max(id) from {table}))"
        )


def _default(field: models.Field[object, object]) -> object:
    value = field.get_default()
    return field.get_db_prep_save(value, connection)
