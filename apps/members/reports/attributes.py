"""A member's answers to HQ's own questions, as a person reads and edits them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.members.models import Attribute, AttributeChoice, AttributeValue, Member
from apps.members.rules import attributes as rules
from apps.members.services import answers

PREFIX = "attr-"  # before a question's key, in the names of a form's fields


@dataclass(frozen=True)
class Option:
    """A choice to pick, and whether it is."""

    label: str
    is_picked: bool


@dataclass(frozen=True)
class AttributeLine:
    """A question with its answer in words, and how it is edited.

    `typed` is what stands in the input; `wrong` says why it was not taken.
    """

    attribute: Attribute
    words: str
    typed: str
    options: tuple[Option, ...]
    can_edit: bool
    wrong: str = ""

    @property
    def name(self) -> str:
        """Return the name of the form's field."""
        return f"{PREFIX}{self.attribute.key}"

    @property
    def held(self) -> set[str]:
        """Return what the inputs hold."""
        if self.attribute.is_picking:
            return {option.label for option in self.options if option.is_picked}
        return {self.typed} - {""}


@dataclass(frozen=True)
class AttributeSheet:
    """What somebody may see of a member's answers, and whether they may edit any."""

    lines: list[AttributeLine]
    can_edit: bool


class Said(Protocol):
    """What a form sent: Django's QueryDict, or any like it."""

    def getlist(self, key: str) -> list[str]:
        """Return everything sent under the name."""

    def __contains__(self, key: object) -> bool: ...


def attribute_lines(
    member: Member,
    *,
    audience: str,
    said: Said | None = None,
    wrong: Mapping[str, str] | None = None,
) -> list[AttributeLine]:
    """Return what such a person may see of the member's answers, in HQ's order.

    With `said` the inputs hold what was sent; `wrong` tells by key what is wrong with
    it. Three queries.
    """
    rows = {row.attribute_id: row for row in member.attribute_values.all()}
    lines = []
    for attribute in Attribute.objects.asked():
        if audience != rules.HQ and audience not in attribute.shown_to:
            continue
        can_edit = rules.may_edit(answers.question_of(attribute), audience)
        typed = None
        if can_edit and said is not None and f"{PREFIX}{attribute.key}" in said:
            typed = said.getlist(f"{PREFIX}{attribute.key}")
        told = (wrong or {}).get(attribute.key, "")
        row = rows.get(attribute.pk)
        lines.append(_line(attribute, row, typed, can_edit=can_edit, wrong=told))
    return lines


def attribute_sheet(
    member: Member, *, audience: str, may_edit: bool = True
) -> AttributeSheet:
    """Return the answers as a panel shows them; `may_edit` False is to read only."""
    lines = attribute_lines(member, audience=audience)
    return AttributeSheet(lines, may_edit and any(line.can_edit for line in lines))


def edited_answers(member: Member, said: Said, *, audience: str) -> dict[str, object]:
    """Return what the form says otherwise than it stood, of what the person may edit.

    A form that does not ask a question leaves its answer alone; boxes that are all
    unticked send nothing, so their question is named by an empty field. An archived
    choice that is merely sent back stays.
    """
    lines = attribute_lines(member, audience=audience)
    sent = {
        line: [text for text in said.getlist(line.name) if text]
        for line in lines
        if line.can_edit and line.name in said
    }
    return {
        line.attribute.key: texts
        for line, texts in sent.items()
        if set(texts) != line.held
    }


def answers_by_key(member: Member) -> dict[str, str | float | bool | list[str]]:
    """Return the member's answers as machines read them, by key."""
    rows = AttributeValue.objects.filter(member=member, attribute__archived_at=None)
    found = rows.select_related("attribute").order_by("attribute__position")
    labels = _labels(found)
    return {row.attribute.key: _machine(row, labels) for row in found}


def _machine(
    row: AttributeValue, labels: Mapping[int, str]
) -> str | float | bool | list[str]:
    picked = [labels[pk] for pk in row.picked or ()]
    if row.kind == Attribute.Kind.CHOICES:
        return picked
    if row.number is not None:
        return float(row.number)
    if row.day is not None:
        return row.day.isoformat()
    if row.flag is not None:
        return row.flag
    return picked[0] if picked else row.text or ""


def _labels(rows: Iterable[AttributeValue]) -> dict[int, str]:
    ids = {pk for row in rows for pk in row.picked or ()}
    found = AttributeChoice.objects.filter(pk__in=ids)
    return dict(found.values_list("pk", "label"))


def _line(
    attribute: Attribute,
    row: AttributeValue | None,
    typed: list[str] | None,
    *,
    can_edit: bool,
    wrong: str,
) -> AttributeLine:
    picked = row.picked or [] if row else []
    chosen = [each for each in attribute.choices.all() if each.pk in picked]
    labels = [each.label for each in chosen] if typed is None else typed
    plain = _plain(row) if typed is None else "".join(typed[-1:])
    return AttributeLine(
        attribute=attribute,
        words="、".join(each.label for each in chosen) or _words(attribute, row),
        typed=plain,
        options=tuple(
            Option(each.label, each.label in labels)
            for each in attribute.choices.all()
            if each.archived_at is None or each in chosen
        ),
        can_edit=can_edit,
        wrong=wrong,
    )


def _words(attribute: Attribute, row: AttributeValue | None) -> str:
    if row is None:
        return ""
    if row.flag is not None:
        return _("是") if row.flag else _("否")
    if row.day is not None:
        return date_format(row.day, "Y/m/d")
    if row.number is not None:
        return f"{rules.short(row.number)} {attribute.unit}".strip()
    return f"{row.text} {attribute.unit}".strip()


def _plain(row: AttributeValue | None) -> str:
    """Return the answer as an input holds it."""
    if row is None:
        return ""
    if row.flag is not None:
        return "yes" if row.flag else "no"
    if row.day is not None:
        return row.day.isoformat()
    return rules.short(row.number) if row.number is not None else row.text or ""
