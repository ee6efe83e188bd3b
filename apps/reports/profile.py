"""The sections of a member's page that staff write: consents, notes, attributes."""

from __future__ import annotations

from dataclasses import dataclass

from apps.members.models import Consent, Inquiry
from apps.members.reports import (
    AttributeSheet,
    ConsentLine,
    NoteLine,
    attribute_sheet,
    consent_lines,
    note_lines,
)
from apps.members.rules.attributes import HQ
from apps.reports.member_page import Asked, register
from apps.staff.rules import may

HISTORY = 30
INQUIRIES = 5


@dataclass(frozen=True)
class Consents:
    """What stands for each channel, and every answer that led there."""

    lines: list[ConsentLine]
    history: list[Consent]
    channels: list[tuple[str, str]]


def _consents(asked: Asked) -> Consents:
    said = asked.member.consents.select_related("said_by").order_by("-at", "-pk")
    lines = consent_lines(asked.member)
    return Consents(
        lines=lines,
        history=list(said[:HISTORY]),
        channels=[(line.channel, line.label) for line in lines],
    )


def _notes(asked: Asked) -> list[NoteLine]:
    return note_lines(asked.member, viewer=asked.viewer, now=asked.now)


def _attributes(asked: Asked) -> AttributeSheet:
    may_edit = may(asked.viewer.role, "members.edit")
    return attribute_sheet(asked.member, audience=HQ, may_edit=may_edit)


def _inquiries(asked: Asked) -> list[Inquiry]:
    found = asked.member.inquiries.select_related("store").order_by("-at")
    return list(found[:INQUIRIES])


def register_all() -> None:
    """Register the sections; called once, when the apps are ready."""
    register("notes", "main", _notes)
    register("inquiries", "main", _inquiries)
    register("attributes", "side", _attributes)
    register("consents", "side", _consents)
