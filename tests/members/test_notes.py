"""Notes about members: whose they are, who may change them, what stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.audit.models import AuditEntry
from apps.core import clock
from apps.core.errors import Refused
from apps.members import services as members
from apps.members.models import Member, Note
from apps.staff.models import Staff
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def lin() -> Staff:
    return make.staff("林怡君", at=make.store())


@pytest.fixture
def siyu() -> Member:
    return make.member()


def test_the_pinned_come_first_then_the_newest(lin: Staff, siyu: Member) -> None:
    now = clock.now()
    first, _second, _third = (
        members.write_note(siyu, text, by=lin, now=now + timedelta(minutes=n))
        for n, text in enumerate(("怕刺", "穿 M", "週末到店"))
    )
    members.pin_note(first, is_pinned=True, by=lin, now=now)
    shown = [note.text for note in Note.objects.shown()]
    assert shown == ["怕刺", "週末到店", "穿 M"]


def test_ones_own_is_edited_within_a_day(lin: Staff, siyu: Member) -> None:
    now = clock.now()
    note = members.write_note(siyu, "穿 M", by=lin, now=now)
    members.edit_note(note, " 穿 S ", by=lin, now=now + timedelta(hours=23))
    note.refresh_from_db()
    assert note.text == "穿 S"
    assert AuditEntry.objects.get(action="note.edited").facts["before"] == "穿 M"
    for by, at, code in (
        (make.staff("陳柏翰"), now, "theirs"),
        (lin, now + timedelta(hours=25), "late"),
    ):
        with pytest.raises(Refused) as caught:
            members.edit_note(note, "穿 L", by=by, now=at)
        assert caught.value.code == code


def test_hiding_keeps_it_with_who_and_when(lin: Staff, siyu: Member) -> None:
    now = clock.now()
    note = members.write_note(siyu, "寫錯人", by=lin, now=now)
    with pytest.raises(Refused) as caught:
        members.hide_note(note, by=make.staff("陳柏翰"), now=now)
    assert caught.value.code == "theirs"
    members.hide_note(note, by=lin, now=now)
    members.hide_note(note, by=make.staff(role="admin"), now=now + timedelta(hours=1))
    kept = Note.objects.get()
    assert (kept.hidden_by, kept.hidden_at, kept.text) == (lin, now, "寫錯人")
    assert not Note.objects.shown().exists()
    with pytest.raises(Refused):
        members.edit_note(kept, "回來", by=lin, now=now)


@pytest.mark.parametrize(("text", "code"), [(" \n", "empty"), ("長" * 1001, "long")])
def test_a_note_says_something_short(
    lin: Staff, siyu: Member, text: str, code: str
) -> None:
    with pytest.raises(Refused) as caught:
        members.write_note(siyu, text, by=lin, now=clock.now())
    assert caught.value.code == code
