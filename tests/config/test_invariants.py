"""The invariants are valid queries, hold in an empty house, and tell when broken."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from config.management.commands import check_invariants


@pytest.mark.django_db
def test_they_hold_in_an_empty_house() -> None:
    said = StringIO()
    call_command("check_invariants", stdout=said)
    assert said.getvalue() == f"{len(check_invariants.collect())} invariants hold\n"


@pytest.mark.django_db
def test_a_broken_one_fails_and_shows_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        check_invariants,
        "collect",
        lambda: {"a.fine": "select 1 where false", "a.broken": "select 7, 'x'"},
    )
    said = StringIO()
    with pytest.raises(CommandError, match="1 of 2"):
        call_command("check_invariants", stderr=said)
    assert said.getvalue() == "a.broken: (7, 'x')\n"
