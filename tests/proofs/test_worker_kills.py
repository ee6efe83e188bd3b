"""The worker is killed with -9 in the midst of its work: nothing is lost or doubled.

All processes are the real ones. Customers write through the stand-in, whose phones
are the judge of what was sent; members of the worker's process tree, chosen at random
and the supervisor among them, are killed while something is in hand.
"""

from __future__ import annotations

import os
import random
import signal
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command

from apps.channels.models import Account
from apps.conversations import services as conversations
from apps.conversations.models import Conversation, Message
from apps.core import clock
from apps.core.models import Pulse
from apps.gateway import tasks as routing
from apps.gateway.models import InboundEvent
from apps.messaging.models import Attempt, Delivery
from apps.staff.models import Staff
from config import env
from config.processes import Child, python
from tests import make
from tests.line_platform import LinePlatform
from tests.processes import descendants, eventually
from tests.proofs.conftest import Pages

ANSWER_EVERY = 3
WHOLE = 7  # supervisor, cluster, sentinel, two workers, monitor, pusher


@dataclass(frozen=True)
class Size:
    """How much is said each way, among how many, and how often the worker dies."""

    messages: int
    people: int
    kills: int
    canary: float
    silence: float
    # So long a kill waits for something to strike: a cluster that hangs is silent
    # first, and the next one has to start.
    strikes_within: float


SMALL = Size(60, 15, kills=3, canary=0.5, silence=3, strikes_within=10)
FULL = Size(200, 40, kills=20, canary=2, silence=10, strikes_within=20)
PATIENCE = 200.0


@dataclass
class Worker:
    """`manage.py worker`, started again when it is gone, as a service manager does."""

    process: Child
    killed: Counter[str] = field(default_factory=Counter)
    killed_at: datetime = field(default_factory=clock.now)

    def is_amid(self) -> bool:
        """Tell whether it is whole, and in the midst of something new.

        Where its supervisor was killed, the old cluster works on for a moment.
        """
        assert self.process.pid
        if len(descendants(self.process.pid)) < WHOLE:
            return False
        calls = Attempt.objects.filter(at__gt=self.killed_at, ended_at=None)
        until = self.killed_at + routing.LEASE
        turns = InboundEvent.objects.filter(state="new", not_before__gt=until)
        return calls.exists() or turns.exists()

    def kill_any(self, mixer: random.Random) -> None:
        """End a member of the process tree as the power would."""
        assert self.process.pid
        pid = mixer.choice(sorted(descendants(self.process.pid)))
        is_top = pid == self.process.pid
        self.killed["supervisor" if is_top else "member of the cluster"] += 1
        self._end([pid])

    def kill_all(self) -> None:
        """End the whole tree at once: whatever was in hand is cut short."""
        assert self.process.pid
        self.killed["everything"] += 1
        self._end(sorted(descendants(self.process.pid)))

    def _end(self, pids: list[int]) -> None:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.killed_at = clock.now()
        if self.process.pid in pids:
            eventually(lambda: not self.process.alive())
            self.process.start()


@contextmanager
def working(size: Size, surroundings: dict[str, str]) -> Iterator[Worker]:
    pace = {
        "WORKER_CANARY_SECONDS": str(size.canary),
        "WORKER_SILENCE_SECONDS": str(size.silence),
    }
    child = Child(
        "worker under test",
        python("manage.py", "worker"),
        environment={
            "DJANGO_SETTINGS_MODULE": "config.settings", "DEBUG": "1",
            **surroundings, **pace,
        },
        grace=30,
        folder=env.ROOT,
    )  # fmt: skip
    child.start()
    try:
        answered = Pulse.objects.filter(answered_at__isnull=False)
        eventually(answered.exists, 60)
        yield Worker(child)
    finally:
        child.stop()


@dataclass
class Talk:
    """Who writes to us, whom we write to, and what was said."""

    platform: LinePlatform
    service: Staff
    seller: Staff
    writers: list[str]
    readers: list[Conversation]
    answered: list[str] = field(default_factory=list)

    def go_on(self, number: int) -> None:
        """Let a customer write and a salesperson too; now and then answer."""
        writer = self.writers[number % len(self.writers)]
        words = {"type": "text", "text": f"in {number}"}
        self.platform.act(writer, "say", message=words)
        reader = self.readers[number % len(self.readers)]
        self._write(reader, f"out {number}", self.seller)
        if number % ANSWER_EVERY == 0:
            open_ones = Conversation.objects.filter(reply_until__gt=clock.now())
            if conversation := open_ones.order_by("reply_until").last():
                self.answered.append(f"answer {number}")
                self._write(conversation, self.answered[-1], self.service)

    @staticmethod
    def _write(conversation: Conversation, text: str, by: Staff) -> None:
        conversations.reply(
            conversation, client_id=uuid.uuid4(), by=by, now=clock.now(), text=text
        )


@pytest.fixture
def account(line_platform: LinePlatform, pages: Pages) -> Account:
    return line_platform.account(monthly_quota=None, webhook_url=pages.webhook)


def gather(platform: LinePlatform, account: Account, size: Size) -> Talk:
    """Bring customers together: strangers who write, and members who are written to."""
    store = make.store()
    seller = make.staff(at=store)
    since = clock.now() - timedelta(days=9)
    readers = []
    for user_id in platform.crowd(size.people):
        member = make.member(user_id=user_id, on=account)
        make.bound(member, seller, store, since=since)
        conversations.follow_binding(member, now=clock.now())
        readers.append(Conversation.objects.get(address=user_id))
    return Talk(
        platform=platform,
        service=make.staff("客服", role=Staff.Role.SERVICE),
        seller=seller,
        writers=platform.crowd(size.people),
        readers=readers,
    )


def mislead(platform: LinePlatform) -> None:
    """Send some webhooks twice; let some pushes go wrong, most after they are taken."""
    platform.fault("duplicate", endpoint="webhook", probability=0.2)
    platform.fault("silence_after", probability=0.2, seconds=0.4)
    platform.fault("500", probability=0.1)


def storm(talk: Talk, worker: Worker, size: Size) -> None:
    """Say everything, and kill as often as the size wants while it is worked on.

    The last kill takes the whole tree: a single one may hit somebody who holds nothing.
    """
    mixer = random.Random(size.messages)
    step = size.messages / size.kills
    deadly = {round(step * (kill + 0.5)) for kill in range(size.kills)}
    for number in range(size.messages):
        talk.go_on(number)
        if number in deadly:
            deadline = time.monotonic() + size.strikes_within
            while not worker.is_amid() and time.monotonic() < deadline:
                time.sleep(0.002)
            if number == max(deadly):
                worker.kill_all()
            else:
                worker.kill_any(mixer)


def is_over(size: Size) -> bool:
    """Tell whether all that was said is settled, both ways."""
    came = InboundEvent.objects.filter(type="message").count()
    waits = InboundEvent.objects.filter(state="new").exists()
    lives = Delivery.objects.filter(state__in=Delivery.LIVE).exists()
    return came == size.messages and not waits and not lives


def shown(platform: LinePlatform, people: list[str]) -> dict[str, list[str]]:
    """Return what each phone shows of us, in order."""

    def read(user_id: str) -> list[str]:
        return [bubble["message"]["text"] for bubble in platform.received(user_id)]

    with ThreadPoolExecutor(4) as pool:
        return dict(zip(people, pool.map(read, people), strict=True))


def judge_inbound(talk: Talk, size: Size) -> None:
    """Every event is done, and each message stored once, in its customer's order."""
    assert set(InboundEvent.objects.values_list("state", flat=True)) == {"done"}
    for place, writer in enumerate(talk.writers):
        stored = Message.objects.filter(
            conversation__address=writer, direction=Message.Direction.IN
        )
        told = list(stored.order_by("at", "pk").values_list("text", flat=True))
        said = range(place, size.messages, len(talk.writers))
        assert told == [f"in {number}" for number in said]


def judge_outbound(talk: Talk, size: Size) -> None:
    """Each phone shows what was written to it once and in order; no answer twice.

    An answer has no key: one whose sender died is "unknown", and a person decides.
    """
    phones = shown(talk.platform, [each.address for each in talk.readers])
    for place, reader in enumerate(talk.readers):
        written = range(place, size.messages, len(talk.readers))
        assert phones[reader.address] == [f"out {number}" for number in written]
    answers = shown(talk.platform, talk.writers).values()
    copies = Counter(text for texts in answers for text in texts)
    assert set(copies.values()) <= {1}
    assert set(copies) <= set(talk.answered)
    ended = Delivery.objects.filter(message__text__in=talk.answered)
    taken = set(ended.filter(state="accepted").values_list("message__text", flat=True))
    assert taken <= set(copies)
    assert ended.exclude(state="accepted").exclude(state="unknown").count() == 0


def play(
    size: Size, platform: LinePlatform, account: Account, surroundings: dict[str, str]
) -> str:
    """Play it through; return the figures."""
    talk = gather(platform, account, size)
    mislead(platform)
    began = time.monotonic()
    with working(size, surroundings) as worker:
        storm(talk, worker, size)
        said = time.monotonic()
        eventually(lambda: is_over(size), PATIENCE)
        over = time.monotonic()
    judge_inbound(talk, size)
    judge_outbound(talk, size)
    call_command("check_invariants")
    lost_calls = Attempt.objects.filter(ended_at=None).count()
    lost_turns = InboundEvent.objects.filter(attempts__gt=1).count()
    assert lost_calls + lost_turns, "no kill struck in the midst"
    unknown = Delivery.objects.filter(state="unknown").count()
    return (
        f"{size.messages} in, {size.messages} out and {len(talk.answered)} answers; "
        f"killed {dict(worker.killed)}; {lost_calls} calls and {lost_turns} turns cut "
        f"short, {unknown} answers unknown; said in {said - began:.0f} s, all settled "
        f"{over - said:.0f} s later: none lost, none twice"
    )


def test_a_worker_killed_in_the_midst_loses_and_doubles_nothing(
    line_platform: LinePlatform, account: Account, with_line: dict[str, str]
) -> None:
    play(SMALL, line_platform, account, with_line)


@pytest.mark.slow
def test_a_worker_killed_in_the_midst_at_full_size(
    line_platform: LinePlatform,
    account: Account,
    with_line: dict[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    figures = play(FULL, line_platform, account, with_line)
    with capsys.disabled():
        print(f"\n{figures}")  # noqa: T201
