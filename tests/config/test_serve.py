"""Pages and streams are served, checked before, and ended whole."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import httpx
import pytest
from django.core.management import CommandError, call_command
from django.db.migrations.executor import MigrationExecutor

from config.management.commands.serve import refuse_unmigrated
from tests.config.test_checks import DOCUMENTED
from tests.processes import alive, descendants, eventually, free_pair, running


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_both_servers_answer_and_end_together(
    transactional_db: None, database_url: str, how: signal.Signals
) -> None:
    port = free_pair()
    with running(
        "manage.py", "serve", f"--port={port}", DATABASE_URL=database_url
    ) as it:
        eventually(lambda: _answers(f"http://127.0.0.1:{port}/healthz"), 60)
        eventually(lambda: _answers(f"http://127.0.0.1:{port + 1}/healthz"))
        assert it.pid
        everyone = descendants(it.pid)
        assert len(everyone) == 5
        os.kill(it.pid, how)
        eventually(lambda: not alive(everyone), 20)


def test_a_server_that_dies_is_started_again(
    transactional_db: None, database_url: str
) -> None:
    port = free_pair()
    url = f"http://127.0.0.1:{port}/healthz"
    with running(
        "manage.py", "serve", f"--port={port}", DATABASE_URL=database_url
    ) as it:
        eventually(lambda: _answers(url), 60)
        assert it.pid
        servers = descendants(it.pid) - {it.pid}
        for pid in servers:
            os.kill(pid, signal.SIGKILL)
        eventually(lambda: not alive(servers))
        eventually(lambda: _answers(url), 60)


def test_a_deployment_collects_its_static_files_and_answers_over_its_proxy(
    transactional_db: None, database_url: str, tmp_path: Path
) -> None:
    port = free_pair()
    url = f"http://127.0.0.1:{port}"
    deployment = DOCUMENTED | {
        "DEBUG": "0",
        "DATABASE_URL": database_url,
        "VAR_DIR": str(tmp_path),
    }
    proxied = {"Host": "regulars.example", "X-Forwarded-Proto": "https"}
    with running("manage.py", "serve", f"--port={port}", grace=15, **deployment):
        eventually(lambda: _reads(f"{url}/healthz", proxied), 90)
        page = httpx.get(f"{url}/account/login/", headers=proxied)
        assert page.status_code == 200
        plain = httpx.get(f"{url}/account/login/", headers={"Host": proxied["Host"]})
        assert plain.headers["location"].startswith("https://")
        assert httpx.get(
            f"{url}/account/login/", headers={"Host": "x.example"}
        ).is_error
        sheet = next((tmp_path / "static" / "css").glob("tokens.*.css"))
        answer = httpx.get(f"{url}/static/css/{sheet.name}", headers=proxied)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


def _reads(url: str, headers: dict[str, str]) -> bool:
    try:
        return httpx.get(url, headers=headers).status_code == 200
    except httpx.TransportError:
        return False


def test_an_incomplete_deployment_is_refused(
    transactional_db: None,
    database_url: str,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    deployment = DOCUMENTED | {
        "DEBUG": "0",
        "DATABASE_URL": database_url,
        "VAR_DIR": str(tmp_path),
        "SECRET_KEY": "",
    }
    port = f"--port={free_pair()}"
    with running("manage.py", "serve", port, grace=15, **deployment) as it:
        eventually(lambda: not it.alive(), 60)
    assert "regulars.E001" in capfd.readouterr().err


def test_a_database_behind_the_code_is_refused(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_unmigrated()
    behind = [object(), object()]
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: behind)
    with pytest.raises(CommandError, match="2 migrations"):
        refuse_unmigrated()
    with pytest.raises(CommandError, match="2 migrations"):
        call_command("worker")


def test_idle_connections_do_not_keep_others_out(
    transactional_db: None, database_url: str
) -> None:
    port = free_pair()
    url = f"http://127.0.0.1:{port}/healthz"
    with running("manage.py", "serve", f"--port={port}", DATABASE_URL=database_url):
        eventually(lambda: _answers(url), 60)
        idle = [httpx.Client() for _ in range(40)]
        for client in idle:
            client.get(url)
        started = time.monotonic()
        assert _answers(url)
        assert time.monotonic() - started < 5
        for client in idle:
            client.close()
