"""Show the whole product: a believable brand, all processes, and a phone to play with.

One terminal runs the pages, the live streams, the worker and the stand-in for LINE.
Ctrl-C ends all of it. What was built is kept for the next start; --fresh begins anew.
"""

from __future__ import annotations

import hmac
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.core.management.base import CommandParser
from django.db import connection, connections, transaction
from rich.console import Console
from rich.table import Table

from apps.core import clock
from apps.core.models import Pulse
from apps.stores.models import Store
from config import env, postgres, processes
from config.demo import brand, seed
from config.processes import Child, Family, GivingUpError, python

READY_SECONDS = 90


class Command(BaseCommand):
    """Everything in one terminal, on a machine that has nothing but Python."""

    help = __doc__
    began = time.monotonic()
    console = Console(highlight=False)

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the port, the size, and whether to begin anew."""
        parser.add_argument("--port", type=int, default=env.PORT)
        parser.add_argument("--members", type=int, default=2_000)
        parser.add_argument("--no-input", action="store_false", dest="input")
        kept = parser.add_mutually_exclusive_group()
        kept.add_argument("--fresh", action="store_true", help="delete what was built")
        kept.add_argument("--keep", action="store_false", dest="fresh")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare the data, start everything, and end it all when told to."""
        port = options["port"]
        wanted = environment(port)
        if any(os.environ.get(name) != value for name, value in wanted.items()):
            # The settings were read without these: begin again with them.
            command = python("manage.py", *sys.argv[1:])
            os.chdir(env.ROOT)
            os.execve(  # noqa: S606  (this same program)
                command[0], command, {**os.environ, **wanted, **processes.following()}
            )
        refuse_taken(range(port, port + 3))
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            if options["fresh"]:
                begin_anew(ask=options["input"])
            prepare(options["members"], self.console)
            connections.close_all()
            family = Family(children(port))
            family.run(lambda: self.welcome(family, port))
        except GivingUpError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped", returncode=130) from None
        finally:
            put_away()

    def welcome(self, family: Family, port: int) -> None:
        """Make the parts known to each other, begin to work, and say where to go.

        The worker comes last: the stand-in refuses an account that it does not know.
        """
        wait_until(family, **servers(port))
        if not family.stopping:
            seed.connect(
                simulator_url=settings.SIMULATOR_URL, public_url=settings.PUBLIC_URL
            )
            family.add(worker())
        wait_until(family, worker=works_since(clock.now()))
        connections.close_all()
        if family.stopping:
            return
        self.console.print(signboard())
        seconds = round(time.monotonic() - self.began)
        self.console.print(f"Ready after {seconds} s. Ctrl-C ends it.")


def environment(port: int) -> dict[str, str]:
    """Return what the demo's processes need to know of each other."""
    public = f"http://127.0.0.1:{port}"
    simulator = f"http://127.0.0.1:{port + 2}"
    return {
        "DEMO": "1",
        "BRAND_NAME": brand.NAME,
        "PORT": str(port),
        "PUBLIC_URL": public,
        "LIVE_URL": f"http://127.0.0.1:{port + 1}",
        "SIMULATOR_URL": simulator,
        "LINE_API_HOST": simulator,
        "LINE_DATA_HOST": simulator,
        "LINE_LOGIN_HOST": simulator,
        "LINE_WEB_HOST": simulator,
        "LINE_LIFF_HOST": f"{simulator}/liff",
        "LINE_LIFF_SDK": f"{simulator}/liff/sdk.js",
        "SHOP_URL": f"{simulator}/shop",
        "SHOP_CATEGORY_PATH": "/?category={name}",
        "SHOP_STORE_PATH": "/?store={code}",
        "LINK_HOSTS": f"127.0.0.1:{port + 2},127.0.0.1:{port}",
        "SHOP_API_KEY": f"rg_demo_{own_key('shop')}",
        "SIMULATOR_TOKEN": own_key("simulator"),
        "SMS_GATEWAY": "web",
        "SMS_URL": f"{simulator}/sms/messages/",
        "SMS_TOKEN": own_key("simulator"),
    }


def own_key(purpose: str) -> str:
    """Return a key of this machine: the same at every start, unlike any other's."""
    secret = postgres.machine_secret(env.VAR_DIR).encode()
    return hmac.digest(secret, purpose.encode(), "sha256").hex()[:40]


def refuse_taken(ports: range) -> None:
    """Raise CommandError where somebody else already answers on one of the ports."""
    for port in ports:
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError as error:
            raise CommandError(
                f"Port {port} is taken: end what runs there, or choose another --port"
            ) from error


def begin_anew(*, ask: bool) -> None:
    """Delete the project's own database; one that was given is not touched."""
    if env.DATABASE_URL:
        raise CommandError("--fresh deletes the project's own database only")
    if ask and input("Delete what the demo has built? [y/N] ").lower() != "y":
        raise CommandError("Nothing was deleted")
    connections.close_all()
    server = postgres.Server(postgres.home_of(env.VAR_DIR))
    server.drop_database(connection.settings_dict["NAME"])
    server.ensure_database(connection.settings_dict["NAME"])


def prepare(members: int, console: Console) -> None:
    """Bring the database up to date, and build the brand where there is none."""
    with console.status("Preparing the database"):
        call_command("migrate", verbosity=0, interactive=False)
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    if Store.objects.exists():
        console.print("The brand is there already; --fresh builds it anew.")
        return
    with console.status(f"Building a brand with {members:,} members") as status:
        # Where nothing can be written over, each step is a line of its own.
        report = status.update if console.is_terminal else console.print
        with transaction.atomic():
            seed.build(members=members, report=report)
        with connection.cursor() as cursor:
            cursor.execute("vacuum analyze")


def children(port: int) -> list[Child]:
    """Return the demo's servers."""
    return [
        Child("serve", python("manage.py", "serve", f"--port={port}"), folder=env.ROOT),
        Child(
            "simulator",
            python("manage.py", "simulate", f"--port={port + 2}"),
            environment={"SIMULATOR": "1"},
            folder=env.ROOT,
        ),
    ]


def worker() -> Child:
    """Return the demo's worker."""
    return Child("worker", python("manage.py", "worker"), grace=25, folder=env.ROOT)


def servers(port: int) -> dict[str, Callable[[], bool]]:
    """Return how to tell of each server whether it is ready."""
    return {
        "pages": lambda: answers(f"http://127.0.0.1:{port}/healthz"),
        "streams": lambda: answers(f"http://127.0.0.1:{port + 1}/healthz"),
        "simulator": lambda: answers(f"http://127.0.0.1:{port + 2}/"),
    }


def works_since(moment: datetime) -> Callable[[], bool]:
    """Return how to tell whether a worker has done anything since."""
    return Pulse.objects.filter(answered_at__gte=moment).exists


def wait_until(family: Family, **ready: Callable[[], bool]) -> None:
    """Wait until all are ready; raise CommandError where one does not become so."""
    deadline = time.monotonic() + READY_SECONDS
    while ready and not family.stopping:
        family.tend()
        ready = {name: is_ready for name, is_ready in ready.items() if not is_ready()}
        if ready and time.monotonic() > deadline:
            raise CommandError(f"No answer from: {', '.join(ready)}")
        time.sleep(0.1)


def answers(url: str) -> bool:
    """Tell whether the address answers, and not with a fault."""
    try:
        return not httpx.get(url, timeout=2).is_server_error
    except httpx.TransportError:
        return False


def signboard() -> Table:
    """Return where to go and how to sign in there."""
    table = Table(title="Regulars 熟客")
    table.add_column("Open", no_wrap=True)
    for column in ("As", "Sign in", "Password"):
        table.add_column(column)
    for each in seed.sign_ins():
        table.add_row(
            settings.PUBLIC_URL + each.path, each.who, each.code, each.password
        )
    table.add_section()
    table.add_row(f"{settings.SIMULATOR_URL}/", "a customer's phone, in LINE", "", "")
    table.add_row(settings.SHOP_URL, "the brand's web shop", "", "")
    return table


def put_away() -> None:
    """Stop the project's own database too, unless somebody else is using it."""
    connections.close_all()
    if env.DATABASE_URL:
        return
    server = postgres.Server(postgres.home_of(env.VAR_DIR))
    if server.idle():
        server.stop()
