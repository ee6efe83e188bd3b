"""What staff write down about members: add, edit, pin, hide."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core.errors import Refused
from apps.members.models import Member, Note
from apps.members.models.note import LONGEST
from apps.members.services import aliases
from apps.staff.models import Staff

EDITABLE_FOR = timedelta(days=1)


@transaction.atomic
def write_note(member: Member, text: str, *, by: Staff, now: datetime) -> Note:
    """Add a note to the member, or to whom an alias leads; Refused "empty", "long"."""
    holder = Member.objects.get(pk=aliases.hold([member.pk])[member.pk])
    note = Note.objects.create(
        member=holder, text=_said(text), author=by, created_at=now
    )
    audit.record("note.written", holder, by=by, now=now, note=note.pk)
    return note


@transaction.atomic
def edit_note(note: Note, text: str, *, by: Staff, now: datetime) -> Note:
    """Say it better; what it said before stays in the audit.

    Refused: "theirs" where somebody else wrote it, "late" after a day, "hidden".
    """
    note, said = _held(note), _said(text)
    if note.author_id != by.pk:
        raise Refused("theirs", _("只有寫的人可以改"))
    if now - note.created_at > EDITABLE_FOR:
        raise Refused("late", _("寫下超過一天就不能改，請另外寫一則"))
    if said == note.text:
        return note
    audit.record(
        "note.edited", note.member, by=by, now=now, note=note.pk, before=note.text
    )
    note.text, note.edited_at = said, now
    note.save(update_fields=["text", "edited_at"])
    return note


@transaction.atomic
def pin_note(note: Note, *, is_pinned: bool, by: Staff, now: datetime) -> Note:
    """Keep the note at the top, or no longer; Refused "hidden"."""
    note = _held(note)
    if note.is_pinned != is_pinned:
        note.is_pinned = is_pinned
        note.save(update_fields=["is_pinned"])
        audit.record(
            "note.pinned", note.member, by=by, now=now, note=note.pk, pinned=is_pinned
        )
    return note


@transaction.atomic
def hide_note(note: Note, *, by: Staff, now: datetime) -> Note:
    """Take the note off every screen and keep it with who hid it.

    One's own, or any for HQ and managers. Refused: "theirs". Twice changes nothing.
    """
    note = (
        Note.objects.select_for_update(of=("self",))
        .select_related("member")
        .get(pk=note.pk)
    )
    if note.hidden_at is not None:
        return note
    if not may_hide(note, by):
        raise Refused("theirs", _("只有寫的人、店長或總部可以刪除"))
    note.hidden_at, note.hidden_by = now, by
    note.save(update_fields=["hidden_at", "hidden_by"])
    audit.record("note.hidden", note.member, by=by, now=now, note=note.pk)
    return note


def may_edit(note: Note, by: Staff, *, now: datetime) -> bool:
    """Tell whether the person may still change the words."""
    return note.author_id == by.pk and now - note.created_at <= EDITABLE_FOR


def may_hide(note: Note, by: Staff) -> bool:
    """Tell whether the person may take the note away."""
    return note.author_id == by.pk or by.is_hq or by.role == by.Role.MANAGER


def _held(note: Note) -> Note:
    held = Note.objects.select_for_update(of=("self",)).select_related("member")
    found = held.get(pk=note.pk)
    if found.hidden_at is not None:
        raise Refused("hidden", _("這則備註已經刪除"))
    return found


def _said(text: str) -> str:
    said = text.replace("\x00", "").strip()
    if not said:
        raise Refused("empty", _("請寫下備註的內容"))
    if len(said) > LONGEST:
        raise Refused("long", _("備註最多 %(most)d 字") % {"most": LONGEST})
    return said


def change_note(note: Note, act: str, text: str, *, by: Staff, now: datetime) -> Note:
    """Do what a page's button says: "edit", "pin", "unpin" or "hide"; else Refused."""
    match act:
        case "edit":
            return edit_note(note, text, by=by, now=now)
        case "pin" | "unpin":
            return pin_note(note, is_pinned=act == "pin", by=by, now=now)
        case "hide":
            return hide_note(note, by=by, now=now)
    raise Refused("unknown", _("沒有這個動作"))
