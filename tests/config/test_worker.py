"""The worker recovers from a cluster that hangs, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.management import call_command
from django_q.models import OrmQ
from django_q.signing import SignedPackage
from django_q.tasks import async_task

from apps.core import clock
from apps.core.models import Pulse, Sweep
from config import schedule, supervisor
from config.broker import WORKER, Broker
from config.processes import Child
from tests.processes import alive, descendants, eventually, running

RECOVERY_SECONDS = 60
WORKERS = 2
WHOLE = 7  # supervisor, cluster, sentinel, two workers, monitor, pusher


@contextmanager
def worker(url: str, canary: float = 0.5, silence: float = 4) -> Iterator[Child]:
    with running(
        "manage.py",
        "worker",
        grace=30,
        DATABASE_URL=url,
        WORKER_CANARY_SECONDS=str(canary),
        WORKER_SILENCE_SECONDS=str(silence),
    ) as child:
        eventually(_answered, 30)
        yield child


def _answered() -> bool:
    return Pulse.objects.filter(answered_at__isnull=False).exists()


def _works(seconds: float) -> float:
    """Queue a task and return how many seconds it took until it was done."""
    started = time.monotonic()
    task = {"id": "t", "name": "t", "func": "config.tasks.canary"}
    package = SignedPackage.dumps(task | {"args": (), "kwargs": {}, "started": started})
    key = Broker("regulars").enqueue(package)
    eventually(lambda: not OrmQ.objects.filter(pk=key).exists(), seconds)
    return time.monotonic() - started


def _children(pid: int) -> list[int]:
    return sorted(
        child for child in descendants(pid) - {pid} if _parent_of(child) == pid
    )


def _parent_of(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123
            return int(stat.read().rsplit(")", 1)[1].split()[1])
    except OSError:
        return 0


def _kill_the_lock_holder(child: Child) -> tuple[int, set[int]]:
    """Kill both idle workers: one of them holds the queue's read lock."""
    assert child.pid
    eventually(lambda: len(descendants(child.pid or 0)) >= WHOLE, 20)
    (cluster,) = _children(child.pid)
    (sentinel,) = _children(cluster)
    group = descendants(cluster)
    # Idle they are when nothing waits to be acknowledged: a busy one holds no lock.
    eventually(lambda: not OrmQ.objects.exists(), 30)
    for pid in _children(sentinel)[:WORKERS]:
        os.kill(pid, signal.SIGKILL)
    return cluster, group


def test_a_hung_cluster_is_replaced_and_works(
    transactional_db: None, database_url: str
) -> None:
    with worker(database_url) as child:
        cluster, group = _kill_the_lock_holder(child)
        eventually(lambda: not alive(group), 20)
        assert child.pid
        assert _children(child.pid) != [cluster]
        _works(20)


@pytest.mark.slow
def test_the_lock_holder_is_killed_again_and_again_at_full_size(
    transactional_db: None, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rounds = int(os.environ.get("ROUNDS", "100"))
    waits = []
    with worker(database_url, canary=15, silence=45) as child:
        for _ in range(rounds):
            _kill_the_lock_holder(child)
            waits.append(_works(RECOVERY_SECONDS))
    with capsys.disabled():
        print(f"\n{rounds} of {rounds} recovered, slowest {max(waits):.1f} s")  # noqa: T201
    assert max(waits) <= RECOVERY_SECONDS


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_it_leaves_no_process_behind(
    transactional_db: None, database_url: str, how: signal.Signals
) -> None:
    with worker(database_url) as child:
        assert child.pid
        everyone = descendants(child.pid)
        os.kill(child.pid, how)
        eventually(lambda: not alive(everyone), 30)
    if how is not signal.SIGKILL:
        assert not Pulse.objects.exists()
        assert not OrmQ.objects.exclude(key="regulars").exists()


def test_a_canary_goes_before_a_long_queue_and_to_its_own_cluster(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        async_task("config.tasks.canary")
    async_task("config.tasks.canary", q_options={"cluster": "mine"})
    async_task("config.tasks.canary", q_options={"cluster": "another's"})
    keys = dict(OrmQ.objects.values_list("id", "key"))
    monkeypatch.setenv(WORKER, "mine")
    taken = []
    while task := Broker("regulars").dequeue():
        taken.append(keys[task[0][0]])
    assert taken == ["mine", "regulars", "regulars", "regulars"]


def test_of_several_supervisors_one_rings_a_sweep(db: None) -> None:
    now = clock.now()
    every = timedelta(seconds=5)
    claim: Callable[..., bool] = Sweep.objects.claim
    assert claim("a.b", every=every, now=now)
    assert not claim("a.b", every=every, now=now + timedelta(seconds=4))
    assert claim("a.b", every=every, now=now + every)


def test_a_broken_sweep_does_not_silence_the_others(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = timedelta(seconds=1)
    sweeps = (
        schedule.Sweep("apps.nowhere.tasks.nothing", second, ""),
        schedule.Sweep("config.tasks.canary", second, ""),
    )
    monkeypatch.setattr(supervisor, "SWEEPS", sweeps)
    assert supervisor.ring_sweeps() == ["config.tasks.canary"]
    assert supervisor.ring_sweeps() == []


def test_a_long_queue_gets_no_more_rings(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "LONG_QUEUE", 0)
    async_task("config.tasks.canary")
    assert supervisor.ring_sweeps() == []


def test_drained_tasks_run_in_order(db: None, drain: Callable[[], list[str]]) -> None:
    async_task("config.tasks.canary")
    assert drain() == ["config.tasks.canary"]
    assert drain() == []


def test_the_nights_jobs_all_exist_and_may_run_twice(db: None) -> None:
    for _ in range(2):
        call_command("nightly", date=clock.today())
