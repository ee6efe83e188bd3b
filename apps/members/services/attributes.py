"""HQ's own questions about members: declare, change, archive, set in order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core.errors import Refused
from apps.members.models import Attribute, AttributeChoice
from apps.staff.models import Staff

KEY = re.compile(r"[a-z][a-z0-9_]{0,29}")
MOST_CHOICES = 60
Audience = Attribute.Audience


@dataclass(frozen=True)
class AttributeIn:
    """A question as HQ words it; `choices` in the order in which they are shown."""

    key: str
    name: str
    kind: str
    unit: str = ""
    help: str = ""
    choices: Sequence[str] = ()
    shown_to: Sequence[str] = ()
    edited_by: Sequence[str] = ()
    is_required: bool = False


@transaction.atomic
def declare_attribute(said: AttributeIn, *, by: Staff, now: datetime) -> Attribute:
    """Ask members something new, after the other questions.

    Refused: "attr_key", "attr_name", "attr_kind", "attr_choices", "attr_audience",
    "attr_required".
    """
    _check(said)
    if Attribute.objects.filter(key=said.key).exists():
        raise Refused("attr_key", _("這個代號已經用過了"))
    _check_name(said)
    last = Attribute.objects.aggregate(last=Max("position"))["last"]
    row = Attribute(key=said.key, kind=said.kind, created_at=now)
    row.position = 0 if last is None else last + 1
    _write(row, said)
    _keep_choices(row, said.choices, now=now)
    audit.record("attribute.declared", row, by=by, now=now, **_facts(said))
    return row


@transaction.atomic
def change_attribute(
    row: Attribute, said: AttributeIn, *, by: Staff, now: datetime
) -> Attribute:
    """Word the question anew; its key stays, and its kind once anybody answered.

    A choice that is left out vanishes, or is archived where somebody picked it; one
    that is named again comes back. Refused as in `declare_attribute`, and "attr_kind"
    where answers exist.
    """
    row = Attribute.objects.select_for_update().get(pk=row.pk)
    _check(said)
    _check_name(said, but=row)
    if said.kind != row.kind and row.values.exists():
        raise Refused("attr_kind", _("已經有會員填了，種類不能再改"))
    before = _facts(_as_said(row))
    row.kind = said.kind
    _write(row, said)
    _keep_choices(row, said.choices, now=now)
    after = _facts(_as_said(row))
    changed = {name: [was, after[name]] for name, was in before.items()
               if was != after[name]}  # fmt: skip
    if changed:
        audit.record("attribute.changed", row, by=by, now=now, **changed)
    return row


@transaction.atomic
def archive_attribute(row: Attribute, *, by: Staff, now: datetime) -> Attribute:
    """Ask it no longer; the answers are kept. Twice changes nothing."""
    row = Attribute.objects.select_for_update().get(pk=row.pk)
    if row.archived_at is None:
        row.archived_at = now
        row.save(update_fields=["archived_at"])
        audit.record("attribute.archived", row, by=by, now=now, key=row.key)
    return row


@transaction.atomic
def restore_attribute(row: Attribute, *, by: Staff, now: datetime) -> Attribute:
    """Ask it again, with the answers there are. Refused "attr_name"."""
    row = Attribute.objects.select_for_update().get(pk=row.pk)
    if row.archived_at is not None:
        _check_name(_as_said(row), but=row)
        row.archived_at = None
        row.save(update_fields=["archived_at"])
        audit.record("attribute.restored", row, by=by, now=now, key=row.key)
    return row


@transaction.atomic
def move_attribute(row: Attribute, *, is_up: bool) -> None:
    """Set the question one place further up or down."""
    asked = list(Attribute.objects.select_for_update().filter(archived_at=None))
    place = next((n for n, each in enumerate(asked) if each.pk == row.pk), None)
    to = 0 if place is None else place + (-1 if is_up else 1)
    if place is None or not 0 <= to < len(asked):
        return
    asked[place], asked[to] = asked[to], asked[place]
    for position, each in enumerate(asked):
        each.position = position
    Attribute.objects.bulk_update(asked, ["position"])


def _check(said: AttributeIn) -> None:
    if not KEY.fullmatch(said.key):
        raise Refused("attr_key", _("代號用小寫英文開頭，只能有小寫英文、數字和底線"))
    if said.kind not in Attribute.Kind.values:
        raise Refused("attr_kind", _("沒有這個種類"))
    is_picking = said.kind in Attribute.PICKING
    if is_picking != bool(_labels(said.choices)):
        raise Refused("attr_choices", _("單選和複選要有選項，其他種類不用"))
    if len(_labels(said.choices)) > MOST_CHOICES:
        raise Refused(
            "attr_choices", _("最多 %(most)d 個選項") % {"most": MOST_CHOICES}
        )
    if set(said.shown_to) - set(Audience.values):
        raise Refused("attr_audience", _("沒有這種人"))
    if set(said.edited_by) - set(said.shown_to):
        raise Refused("attr_audience", _("可以改的人也要看得到"))
    if said.is_required and Audience.CUSTOMER not in said.edited_by:
        raise Refused("attr_required", _("個人資料必填的欄位，要讓顧客本人可以改"))


def _check_name(said: AttributeIn, *, but: Attribute | None = None) -> None:
    name = said.name.replace("\x00", "").strip()
    if not name:
        raise Refused("attr_name", _("請填名稱"))
    same = Attribute.objects.filter(archived_at=None, name=name[:40])
    if same.exclude(pk=but.pk if but else 0).exists():
        raise Refused("attr_name", _("已經有同名的欄位"))


def _write(row: Attribute, said: AttributeIn) -> None:
    row.name = said.name.replace("\x00", "").strip()[:40]
    row.unit = said.unit.replace("\x00", "").strip()[:12]
    row.help = said.help.replace("\x00", "").strip()[:120]
    row.shown_to = [each for each in Audience.values if each in said.shown_to]
    row.edited_by = [each for each in Audience.values if each in said.edited_by]
    row.is_required = said.is_required
    row.save()


def _keep_choices(row: Attribute, said: Sequence[str], *, now: datetime) -> None:
    labels = _labels(said)
    held = {choice.label: choice for choice in row.choices.all()}
    for label, choice in held.items():
        if label not in labels and choice.archived_at is None:
            _drop(choice, now=now)
    for position, label in enumerate(labels):
        choice = held.get(label) or AttributeChoice(attribute=row, label=label)
        if choice.pk is None or choice.archived_at or choice.position != position:
            choice.position, choice.archived_at = position, None
            choice.save()


def _drop(choice: AttributeChoice, *, now: datetime) -> None:
    """Delete the choice; the database keeps one that somebody picked."""
    try:
        with transaction.atomic():
            AttributeChoice.objects.filter(pk=choice.pk).delete()
    except IntegrityError:
        choice.archived_at = now
        choice.save(update_fields=["archived_at"])


def _labels(said: Sequence[str]) -> list[str]:
    bare = (each.replace("\x00", "").strip()[:40] for each in said)
    return list(dict.fromkeys(label for label in bare if label))


def _as_said(row: Attribute) -> AttributeIn:
    open_choices = row.choices.filter(archived_at=None)
    return AttributeIn(
        key=row.key, name=row.name, kind=row.kind, unit=row.unit, help=row.help,
        choices=list(open_choices.values_list("label", flat=True)),
        shown_to=row.shown_to, edited_by=row.edited_by, is_required=row.is_required,
    )  # fmt: skip


def _facts(said: AttributeIn) -> dict[str, object]:
    return {name: list(value) if isinstance(value, list | tuple) else value
            for name, value in asdict(said).items()}  # fmt: skip
