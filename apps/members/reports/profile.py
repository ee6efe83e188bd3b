"""What a member agreed to hear, and what staff wrote down about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.members.models import Consent, Member, Note
from apps.members.services import consents, notes
from apps.staff.models import Staff

NOTES = 50


@dataclass(frozen=True)
class ConsentLine:
    """What stands for one channel: the latest answer per purpose, None for silence."""

    channel: str
    label: str
    marketing: Consent | None
    service: Consent | None

    @property
    def is_on(self) -> bool:
        """Tell whether news may be sent there; silence is no."""
        return self.marketing is not None and self.marketing.is_granted


def consent_lines(member: Member) -> list[ConsentLine]:
    """Return the present answers of every channel, in one query."""
    stands = consents.consent_of([member.pk])[member.pk]
    return [
        ConsentLine(
            channel,
            str(label),
            stands.get((channel, Consent.Purpose.MARKETING)),
            stands.get((channel, Consent.Purpose.SERVICE)),
        )
        for channel, label in Consent.Channel.choices
    ]


@dataclass(frozen=True)
class NoteLine:
    """A note and what the reader may do with it."""

    note: Note
    can_edit: bool
    can_hide: bool


def note_lines(member: Member, *, viewer: Staff, now: datetime) -> list[NoteLine]:
    """Return the member's latest notes, the pinned first, in one query."""
    shown = Note.objects.visible_to(viewer).filter(member=member).shown()
    return [
        NoteLine(
            note,
            can_edit=notes.may_edit(note, viewer, now=now),
            can_hide=notes.may_hide(note, viewer),
        )
        for note in shown.select_related("author")[:NOTES]
    ]
