"""After every test that wrote, what must never be true is asked of what it wrote.

The queries are those of `manage.py check_invariants`. A test inside a transaction is
asked there, before it is rolled back, and only about the tables that it touched: the
database counts each transaction's rows by table, those of triggers and of COPY too.
A test that commits is asked about everything, before its tables are emptied.

A test that breaks an invariant on purpose says so, and why:
`@pytest.mark.breaks_invariants("the guard is off")`.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable
from datetime import datetime
from functools import cache
from typing import NamedTuple

import psycopg
import pytest
from django.apps import apps
from django.db import connection
from psycopg.pq import TransactionStatus

from config.management.commands import check_invariants

DATABASE = frozenset({"db", "transactional_db", "live_server"})
MARK = "breaks_invariants"
OIDS = "select relname, oid from pg_class where relname = any(%s) and relkind = 'r'"
# Rows that this transaction wrote, by table; those taken back by savepoints too.
WRITTEN = """
    select relation, rows from (
        select relation, pg_stat_get_xact_tuples_inserted(relation)
                       + pg_stat_get_xact_tuples_updated(relation)
                       + pg_stat_get_xact_tuples_deleted(relation) as rows
        from unnest(%s::oid[]) as relation
    ) as counted where rows > 0
"""
Broken = dict[str, list[tuple[object, ...]]]


class Invariant(NamedTuple):
    """A query that must return no row, and the tables that it reads."""

    name: str
    query: str
    tables: frozenset[int]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test that went well but left something that must never be."""
    done = yield
    if _uses_database(item) and item.get_closest_marker(MARK) is None:
        check()
    return done


def check() -> None:
    """Fail with the name and the rows of each invariant that does not hold."""
    if connection.connection is not None and _is_aborted():
        return
    asked = _reading(_written()) if connection.in_atomic_block else _invariants()
    if broken := _ask(asked):
        told = "\n".join(f"{name}: {rows}" for name, rows in broken.items())
        pytest.fail(f"the test leaves what must never be:\n{told}", pytrace=False)


class Watch:
    """Asks, within one transaction, about what was written since the last time."""

    def __init__(self) -> None:
        self._before = _written()

    def since(self) -> frozenset[str]:
        """Return the tables that were written, and begin anew."""
        counts = _written()
        changed = {oid for oid, rows in counts.items() if self._before.get(oid) != rows}
        self._before = counts
        return frozenset(name for name, oid in _tables().items() if oid in changed)

    @staticmethod
    def broken(tables: Iterable[str], *, now: datetime) -> Broken:
        """Return what does not hold of the tables, with the rows, as of the moment."""
        return _ask(_reading({_tables()[name] for name in tables}), now=now)


def _uses_database(item: pytest.Item) -> bool:
    named = set(getattr(item, "fixturenames", ()))
    return bool(DATABASE & named) or item.get_closest_marker("django_db") is not None


def _is_aborted() -> bool:
    """Tell whether the test's transaction can be asked nothing any more."""
    status = connection.connection.info.transaction_status
    return connection.needs_rollback or status == TransactionStatus.INERROR


def _written() -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN, [list(_tables().values())])
        return dict(cursor.fetchall())


def _reading(tables: Iterable[int]) -> list[Invariant]:
    written = frozenset(tables)
    return [each for each in _invariants() if each.tables & written]


@cache
def _tables() -> dict[str, int]:
    """Return the oids of all tables, by name."""
    models = apps.get_models(include_auto_created=True)
    names = [model._meta.db_table for model in models]
    with connection.cursor() as cursor:
        cursor.execute(OIDS, [names])
        return dict(cursor.fetchall())


@cache
def _invariants() -> list[Invariant]:
    return [
        Invariant(name, query, frozenset(_read_by(query)))
        for name, query in sorted(check_invariants.collect().items())
    ]


def _read_by(query: str) -> Iterable[int]:
    words = set(re.findall(r"\w+", query))
    return [oid for name, oid in _tables().items() if name in words]


def _ask(asked: Iterable[Invariant], *, now: datetime | None = None) -> Broken:
    """Return the first rows of each; prepared, for to plan takes longer than to look.

    Django's own cursor cannot prepare.
    """
    broken: Broken = {}
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        for name, query, _tables_read in asked:
            if now is not None and "now()" in query:
                told = query.replace("now()", "%s::timestamptz")
                cursor.execute(told, [now], prepare=True)
            else:
                cursor.execute(query, prepare=True)
            if rows := cursor.fetchmany(check_invariants.SHOWN):
                broken[name] = rows
    return broken
