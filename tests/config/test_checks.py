"""`check --deploy` is content with what is documented and names what is missing."""

import re
import subprocess
import sys

import pytest

from config import env

DOCUMENTED = {
    "SECRET_KEY": "s3cret-" * 10,
    "FIELD_KEYS": "f1eld-key-" * 4,
    "ALLOWED_HOSTS": "regulars.example",
    "DATABASE_URL": "postgres://regulars:pw@db.example/regulars",
    "PUBLIC_URL": "https://regulars.example",
    "SHOP_URL": "https://shop.example",
    "TRUSTED_PROXIES": "1",
}


def _check(**environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=env.ROOT,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_documented_settings_are_complete() -> None:
    status, said = _check(**DOCUMENTED)
    assert status == 0, said
    assert "no issues" in said


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({name: ""}, code)
        for name, code in {
            "SECRET_KEY": "regulars.E001",
            "FIELD_KEYS": "regulars.E002",
            "ALLOWED_HOSTS": "regulars.E003",
            "PUBLIC_URL": "regulars.E005",
            "TRUSTED_PROXIES": "regulars.E006",
            "SHOP_URL": "regulars.W008",
        }.items()
    ]
    + [
        ({"DEMO": "1"}, "regulars.E007"),
        ({"DEBUG": "1"}, "security.W018"),
        ({"SIMULATOR": "1"}, "simulator.E001"),
        ({"SIMULATOR_URL": "http://127.0.0.1:8002"}, "simulator.E001"),
    ],
    ids=str,
)
def test_what_is_missing_or_wrong_is_named(change: dict[str, str], found: str) -> None:
    settings = {key: value for key, value in (DOCUMENTED | change).items() if value}
    status, said = _check(**settings)
    assert status == 1
    assert f"({found})" in said


def test_a_bare_machine_is_told_everything_at_once() -> None:
    status, said = _check()
    assert status == 1
    missing = set(re.findall(r"regulars\.[EW]\d+", said))
    assert {f"regulars.E00{number}" for number in range(1, 7)} <= missing
