"""What every test may use: a database of its own, and the queue emptied by hand."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TextIO
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management.color import Style
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from config import env, postgres, settings_test
from tests import keeping

BROWSER_SKIPPED = 7
USERS = pytest.StashKey[TextIO]()


def pytest_configure(config: pytest.Config) -> None:
    """Keep invariants; start the tests' PostgreSQL, which trades safety for speed."""
    config.pluginmanager.register(keeping, "keeping")
    if env.DATABASE_URL or hasattr(config, "workerinput"):
        return
    settings_test.VAR_DIR.mkdir(exist_ok=True)
    users = (settings_test.VAR_DIR / "users").open("w")
    fcntl.flock(users, fcntl.LOCK_SH)
    config.stash[USERS] = users
    postgres.ensure(settings_test.VAR_DIR, postgres.QUICK_AND_UNSAFE)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the tests' PostgreSQL when the last run that uses it ends."""
    users = config.stash.get(USERS, None)
    if users is None:
        return
    with users, suppress(BlockingIOError):
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        server = postgres.Server(postgres.home_of(settings_test.VAR_DIR))
        if server.idle():
            server.stop()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail where a browser test was skipped and CI asked for all of them."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("REQUIRE_BROWSER") != "1" or reporter is None:
        return
    skipped = [r for r in reporter.stats.get("skipped", []) if "browser" in r.keywords]
    if skipped:
        reporter.write_line(f"{len(skipped)} browser tests were skipped", red=True)
        session.exitstatus = BROWSER_SKIPPED


@pytest.fixture(autouse=True, scope="session")
def _flush_past_the_guards() -> Iterator[None]:
    """Let Django empty the append-only tables after a test that commits."""
    plain = DatabaseOperations.sql_flush

    def sql_flush(
        ops: DatabaseOperations, style: Style, tables: Sequence[str], **kwargs: bool
    ) -> list[str]:
        statements = plain(ops, style, tables, **kwargs)
        return ["set local session_replication_role = replica", *statements]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        yield


@pytest.fixture
def drain(db: None) -> Callable[[], list[str]]:
    """Return a verb that runs what is queued, and what that queues, until all is done.

    It answers with the names of the tasks that ran, in order.
    """

    def run() -> list[str]:
        ran: list[str] = []
        while package := OrmQ.objects.order_by("id").first():
            package.delete()
            task = SignedPackage.loads(package.payload)
            import_string(task["func"])(*task["args"], **task["kwargs"])
            ran.append(task["func"])
        return ran

    return run


@pytest.fixture
def database_url(db: None) -> str:
    """Return the address of the test database, for a process of its own.

    Such a process sees only what is committed: use it with `transactional_db`.
    """
    database = settings.DATABASES["default"]
    if env.DATABASE_URL:
        return urlsplit(env.DATABASE_URL)._replace(path=f"/{database['NAME']}").geturl()
    return f"postgres://{database['USER']}@/{database['NAME']}?host={database['HOST']}"
