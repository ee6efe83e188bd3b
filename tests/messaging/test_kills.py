"""Senders die and LINE misbehaves: no message is lost, and none arrives twice."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.core.management import call_command

from apps.channels.line import messages
from apps.channels.models import Account
from apps.core import clock
from apps.messaging import services as messaging
from apps.messaging import tasks
from apps.messaging.models import Attempt, Delivery
from config import env
from tests.line_platform import LinePlatform

PEOPLE = 50
MESSAGES = 200
KILLS = 25


@dataclass(frozen=True)
class Ending:
    """What the stand-in's phones show afterwards, by person, in order."""

    shown: dict[str, list[str]]

    @property
    def copies(self) -> Counter[str]:
        """How often each text arrived."""
        return Counter(text for texts in self.shown.values() for text in texts)

    @property
    def doubled(self) -> list[str]:
        """The texts that arrived more than once."""
        return [text for text, copies in self.copies.items() if copies > 1]


@pytest.fixture
def account(line_platform: LinePlatform) -> Account:
    return line_platform.account(monthly_quota=None)


def misbehave(platform: LinePlatform) -> None:
    """Let one call in five go wrong, most of them after the message was accepted."""
    platform.fault("500_after", probability=0.08)
    platform.fault("500", probability=0.04)
    platform.fault("429", probability=0.03)
    platform.fault("silence_after", probability=0.03, seconds=0.6)
    platform.fault("silence", probability=0.02, seconds=0.6)


def write(account: Account, people: list[str]) -> list[Delivery]:
    return [
        messaging.enqueue(
            account,
            to=people[n % len(people)],
            member=None,
            messages=[messages.text(f"{n}")],
            topic="",
            now=clock.now(),
        )
        for n in range(MESSAGES)
    ]


def run_senders(platform: LinePlatform, database_url: str, *options: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "tests.messaging.senders", *options],
        cwd=env.ROOT,
        env={
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": database_url,
            "LINE_API_HOST": platform.url,
            "SECRET_KEY": settings.SECRET_KEY,
            "DEBUG": "1",
        },
        check=True,
        timeout=240,
    )


def look(platform: LinePlatform, people: list[str]) -> Ending:
    def read(user_id: str) -> list[str]:
        bubbles = platform.received(user_id)
        return [bubble["message"]["text"] for bubble in bubbles]

    with ThreadPoolExecutor(4) as pool:
        return Ending(dict(zip(people, pool.map(read, people), strict=True)))


def test_killed_senders_lose_nothing_and_send_nothing_twice(
    line_platform: LinePlatform, account: Account, database_url: str
) -> None:
    people = line_platform.crowd(PEOPLE)
    written = write(account, people)
    misbehave(line_platform)

    run_senders(line_platform, database_url, "--kills", str(KILLS))

    ending = look(line_platform, people)
    assert len(ending.copies) == MESSAGES, "lost"
    assert ending.doubled == []
    assert Delivery.objects.filter(state="accepted").count() == MESSAGES
    assert Attempt.objects.filter(ended_at=None).exists(), "no kill struck in a call"
    for number, person in enumerate(people):
        expected = [str(n) for n in range(number, MESSAGES, PEOPLE)]
        assert ending.shown[person] == expected
    keys = {each.pk: each.retry_key for each in written}
    assert keys == dict(Delivery.objects.values_list("pk", "retry_key"))
    call_command("check_invariants")


def test_without_the_key_the_same_kills_send_twice(
    line_platform: LinePlatform, account: Account, database_url: str
) -> None:
    """The twin: the guard is what keeps doubles away, and not luck."""
    people = line_platform.crowd(PEOPLE)
    write(account, people)
    misbehave(line_platform)

    run_senders(line_platform, database_url, "--kills", str(KILLS), "--without-key")

    assert look(line_platform, people).doubled


@pytest.mark.parametrize("dies", ["before the call", "after the call"])
def test_a_sender_that_dies_leaves_a_row_that_another_finishes(
    line_platform: LinePlatform, account: Account, dies: str
) -> None:
    """Every message is claimed once by somebody who is never heard of again."""
    people = line_platform.crowd(20)
    for person in people:
        messaging.enqueue(
            account, to=person, member=None, messages=[messages.text(person)],
            topic="", now=clock.now(),
        )  # fmt: skip
    while (claim := messaging.claim(now=clock.now())) is not None:
        if dies == "after the call":
            messaging.deliver(claim)
    Delivery.objects.update(leased_until=clock.now())

    tasks.send_due()

    ending = look(line_platform, people)
    assert ending.copies == Counter(people)
    assert Delivery.objects.filter(state="accepted", attempts=2).count() == 20
    call_command("check_invariants")


def test_two_senders_at_once_share_the_work(
    line_platform: LinePlatform, account: Account, database_url: str
) -> None:
    people = line_platform.crowd(PEOPLE)
    write(account, people)

    run_senders(line_platform, database_url)

    ending = look(line_platform, people)
    assert len(ending.copies) == MESSAGES
    assert ending.doubled == []
    assert Attempt.objects.count() == MESSAGES, "a message was claimed twice"


def test_without_key_and_lease_two_senders_send_twice(
    line_platform: LinePlatform, account: Account, database_url: str
) -> None:
    """The twin of the race: both reach for the same rows."""
    people = line_platform.crowd(PEOPLE)
    write(account, people)

    run_senders(line_platform, database_url, "--without-key", "--without-lease")

    assert look(line_platform, people).doubled
