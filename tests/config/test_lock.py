"""The lock is what pyproject.toml asks for, with all hashes, and names no place."""

import re
import tomllib
from itertools import chain

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from config import env

LOCK = (env.ROOT / "requirements.lock").read_text()
PROJECT = tomllib.loads((env.ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"].values()
ASKED = [
    Requirement(line)
    for line in (*PROJECT["dependencies"], *chain.from_iterable(EXTRAS))
    if not line.startswith(PROJECT["name"])
]
# One package may be locked twice, at versions for different Pythons.
LOCKED = [
    (canonicalize_name(name), version)
    for name, version in re.findall(r"^([\w.-]+)==(\S+)", LOCK, re.MULTILINE)
]


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_what_is_asked_for_is_locked_at_a_fitting_version(asked: Requirement) -> None:
    name = canonicalize_name(asked.name)
    found = [version for locked, version in LOCKED if locked == name]
    assert found
    assert any(asked.specifier.contains(version) for version in found)


def test_every_package_has_its_hashes() -> None:
    entries = re.split(r"^(?=\S)", LOCK, flags=re.MULTILINE)[1:]
    assert len(entries) == len(LOCKED)
    assert all("--hash=sha256:" in entry for entry in entries)


def test_the_lock_names_no_place() -> None:
    assert not re.search(r"://|^\s*-(?!-hash)|index|file:|@", LOCK, re.MULTILINE)
