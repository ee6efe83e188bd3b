"""A child is kept alive, and nothing of it outlives its parent, however that ends."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from config.processes import Child, Family, GivingUpError, python
from tests.processes import alive, descendants, eventually, running

# A child that starts a grandchild, and one that will not end when asked to.
PARENT = """
import subprocess, sys
from config.processes import follow_parent
follow_parent()
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
import time; time.sleep(600)
"""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + PARENT
FAMILY = f"""
from config.processes import Child, Family, python
Family([Child(str(n), python("-c", {PARENT!r}), grace=2) for n in range(2)]).run()
"""


def _family_of(pid: int, size: int) -> set[int]:
    eventually(lambda: len(descendants(pid)) >= size)
    return descendants(pid)


@pytest.mark.parametrize("program", [PARENT, STUBBORN], ids=["polite", "stubborn"])
def test_stopping_a_child_ends_all_that_it_started(program: str) -> None:
    child = Child("c", python("-c", program), grace=1)
    child.start()
    assert child.pid
    family = _family_of(child.pid, 2)
    child.stop()
    assert not alive(family)
    assert not child.alive()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_descendant_outlives_the_parent(how: signal.Signals) -> None:
    with running("-c", FAMILY) as parent:
        assert parent.pid
        family = _family_of(parent.pid, 5)
        os.kill(parent.pid, how)
        eventually(lambda: not alive(family), 10)


def test_what_dies_is_started_again() -> None:
    child = Child("c", python("-c", PARENT), grace=1)
    family = Family([child])
    child.start()
    try:
        first = child.pid
        assert first
        os.kill(first, signal.SIGKILL)
        eventually(lambda: not child.alive())
        family.tend()
        assert child.alive()
        assert child.pid != first
    finally:
        child.stop()


def test_what_dies_again_and_again_is_given_up(tmp_path: Path) -> None:
    family = Family([Child("broken", [sys.executable, "-c", "exit(1)"])])
    with pytest.raises(GivingUpError, match="broken"):  # noqa: PT012  (until it does)
        while True:
            family.tend()
            time.sleep(0.1)
    family.stop()
