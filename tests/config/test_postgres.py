"""The project's own PostgreSQL starts, survives, and can be raced, in every version."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config import env, postgres
from config.postgres import NoPostgresError, Server
from tests.processes import eventually

PROGRAMS = postgres.programs()


@pytest.fixture(params=PROGRAMS, ids=lambda path: f"postgres{postgres.major_of(path)}")
def programs(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.param
    return folder


@pytest.fixture
def home() -> Iterator[Path]:
    """Return a folder that whoever runs PostgreSQL can walk into."""
    with tempfile.TemporaryDirectory(prefix="regulars-pg-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "postgres"


@pytest.fixture
def server(home: Path, programs: Path) -> Iterator[Server]:
    server = Server(home, postgres.QUICK_AND_UNSAFE, programs)
    yield server
    server.stop()


def _ask(server: Server, query: str) -> str:
    with psycopg.connect(
        host=str(server.socket), user="postgres", dbname="postgres", autocommit=True
    ) as connection:
        row = connection.execute(query.encode()).fetchone()
    return str(row[0]) if row else ""


def _postmaster(server: Server) -> int:
    return int((server.data / "postmaster.pid").read_text().split()[0])


def test_it_starts_once_and_knows_chinese(server: Server, programs: Path) -> None:
    assert server.start()
    assert not server.start()
    version = _ask(server, "show server_version")
    assert version.startswith(str(postgres.major_of(programs)))
    assert _ask(server, "show server_encoding") == "UTF8"
    with psycopg.connect(host=str(server.socket), user="postgres") as connection:
        connection.execute("create extension btree_gist")
        connection.execute("create extension pg_trgm")
        row = connection.execute(
            "select similarity('林怡君', '林怡珺') > 0.2"
        ).fetchone()
        assert row == (True,)
        row = connection.execute("select show_trgm('陳思妤')").fetchone()
        assert row is not None
        assert len(row[0]) == 4


def test_the_data_outlives_a_kill_and_the_new_start(server: Server) -> None:
    server.start()
    with psycopg.connect(host=str(server.socket), user="postgres") as connection:
        connection.execute("create table kept as select 7 as answer")
    os.kill(_postmaster(server), signal.SIGKILL)
    assert server.start()
    assert _ask(server, "select answer from kept") == "7"


def test_a_kill_in_the_middle_of_work_does_not_stop_the_new_start(
    server: Server,
) -> None:
    server.start()
    with psycopg.connect(
        host=str(server.socket), user="postgres", autocommit=True
    ) as connection:
        pid = connection.info.backend_pid
        connection.execute("select 1")
        os.kill(pid, signal.SIGSTOP)  # a backend that cannot see its server die
        try:
            os.kill(_postmaster(server), signal.SIGKILL)
        finally:
            subprocess.Popen(["/bin/sh", "-c", f"sleep 1; kill -CONT {pid}"])
        assert server.start()
    assert _ask(server, "select 1") == "1"


def test_it_starts_again_while_the_last_one_is_still_shutting_down(
    server: Server,
) -> None:
    server.start()
    with psycopg.connect(
        host=str(server.socket), user="postgres", autocommit=True
    ) as connection:
        pid = connection.info.backend_pid
        os.kill(pid, signal.SIGSTOP)  # a backend that holds the shutdown up
        try:
            os.kill(_postmaster(server), signal.SIGINT)  # fast, as Ctrl-C is
        finally:
            subprocess.Popen(["/bin/sh", "-c", f"sleep 2; kill -CONT {pid}"])
        assert server.start()
    assert _ask(server, "select 1") == "1"


def test_of_several_processes_one_starts_it(home: Path, programs: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from config.postgres import Server;"
        "server = Server(Path(sys.argv[1]), None, Path(sys.argv[2]));"
        "print(server.start()); server.ensure_database('regulars')"
    )
    command = [sys.executable, "-c", script, str(home), str(programs)]
    racers = [
        subprocess.Popen(command, cwd=env.ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    said = [racer.communicate()[0].strip() for racer in racers]
    server = Server(home, None, programs)
    try:
        assert [racer.returncode for racer in racers] == [0] * 6
        assert sorted(said) == ["False"] * 5 + ["True"]
        count = _ask(
            server, "select count(*) from pg_database where datname='regulars'"
        )
        assert count == "1"
    finally:
        server.stop()
        eventually(lambda: not server.running())


def test_it_listens_on_no_port_and_to_nobody_else(server: Server) -> None:
    server.start()
    assert _ask(server, "show listen_addresses") == ""
    (socket,) = server.socket.glob(".s.PGSQL.*[0-9]")
    assert socket.stat().st_mode & 0o077 == 0
    assert server.idle()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run it as another")
def test_root_keeps_the_data_where_the_other_user_can_walk() -> None:
    with tempfile.TemporaryDirectory() as folder:  # mode 0700, as /root is
        hidden = Path(folder) / "var"
        home = postgres.home_of(hidden)
        assert home == postgres.home_of(hidden)
        assert home.parent == Path("/var/lib")
        Path(folder).chmod(0o755)
        assert postgres.home_of(hidden) == hidden.resolve() / "postgres"


def test_data_of_another_version_is_not_touched(home: Path) -> None:
    server = Server(home)
    server.data.mkdir(parents=True)
    (server.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(NoPostgresError, match=re.escape("made by PostgreSQL 9")):
        Server(home)


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 100)
    assert len(str(postgres.socket_dir(deep))) < 90
    assert postgres.socket_dir(deep) == postgres.socket_dir(deep)


def test_the_machines_secret_is_made_once_and_is_private(tmp_path: Path) -> None:
    first = postgres.machine_secret(tmp_path)
    assert postgres.machine_secret(tmp_path) == first
    assert len(first) >= 50
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0
