"""Two senders that are killed with -9 at random moments, again and again.

Run as a program: it makes senders by forking, lets a few calls begin, kills one in
their midst and makes the next, until so many are dead; then the last ones may finish.
`--without-key` takes the retry key away and `--without-lease` the lease: the control
arms, which must send twice.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
import uuid
from contextlib import suppress
from datetime import timedelta

import django

django.setup()

from django.db import connections  # noqa: E402  (needs the apps)

from apps.channels.line import client as line_client  # noqa: E402
from apps.channels.line.client import Line  # noqa: E402
from apps.channels.outcome import Outcome  # noqa: E402
from apps.messaging import rules, tasks  # noqa: E402
from apps.messaging import services as messaging  # noqa: E402
from apps.messaging.models import Attempt, Delivery  # noqa: E402
from apps.messaging.services import sending  # noqa: E402

SENDERS = 2
PATIENCE = 150.0
PAUSE = 0.02


def hurry() -> None:
    """Make everything that waits for seconds in production wait for fractions."""
    line_client.TIMEOUT = (1.0, 0.4)
    sending.LEASE = timedelta(seconds=1.5)
    rules.FIRST_WAIT = 0.1
    rules.LONGEST_WAIT = 0.5
    rules.LONGEST_SLOW = 0.2


def without_key(claim: messaging.Claim) -> Outcome:
    """Send a claim under a key of its own each time: the guard is off."""
    delivery = claim.delivery
    line = Line(delivery.account)
    return line.push(delivery.to, delivery.messages, retry_key=uuid.uuid4())


def send_for_ever() -> None:
    """Be a worker."""
    while True:
        tasks.send_due()
        time.sleep(PAUSE)


def born() -> int:
    """Make a sender; return its process id."""
    connections.close_all()
    child = os.fork()
    if child:
        return child
    with suppress(BaseException):
        send_for_ever()
    os._exit(1)


def kill(child: int) -> None:
    """End a sender as the power would."""
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def is_done() -> bool:
    """Tell whether every message is settled."""
    left = Delivery.objects.filter(state__in=Delivery.LIVE).exists()
    connections.close_all()
    return not left


def attempts() -> int:
    """Return how many calls were begun."""
    begun = Attempt.objects.count()
    connections.close_all()
    return begun


def await_attempts(more: int, deadline: float) -> None:
    """Wait until so many more calls were begun; the next moment is in the midst."""
    begun = attempts()
    while attempts() < begun + more and not is_done() and time.monotonic() < deadline:
        time.sleep(PAUSE)
    time.sleep(random.uniform(0, 0.03))


def main() -> int:
    """Kill until enough are dead, then let the rest be sent."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--without-key", action="store_true")
    parser.add_argument("--without-lease", action="store_true")
    options = parser.parse_args()
    if options.kills:
        hurry()
    if options.without_lease:
        sending.LEASE = timedelta(0)
    if options.without_key:
        vars(messaging)["deliver"] = without_key
    deadline = time.monotonic() + PATIENCE
    living = [born() for _ in range(SENDERS)]
    for _kill in range(options.kills):
        await_attempts(random.randint(1, 8), deadline)
        kill(living.pop(0))
        living.append(born())
    while not is_done() and time.monotonic() < deadline:
        time.sleep(0.2)
    for child in living:
        kill(child)
    return 0 if is_done() else 1


if __name__ == "__main__":
    sys.exit(main())
