"""Members' answers to HQ's own questions: read, written and taken away in batches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import connection, transaction

from apps.audit import services as audit
from apps.members.errors import Unsound
from apps.members.models import Attribute, AttributeValue, Member
from apps.members.rules import attributes as rules
from apps.members.rules.attributes import Answer, Fault, Question
from apps.members.services import aliases, steps
from apps.staff.models import Staff

COLUMNS = ("text", "number", "day", "flag", "picked")
AT_ONCE = 1_000  # rows a statement

Answers = Mapping[int, Answer]  # by attribute


def questions() -> dict[str, Question]:
    """Return what HQ asks now, by key, with the choices that may be picked."""
    return {row.key: question_of(row) for row in Attribute.objects.asked()}


def question_of(row: Attribute) -> Question:
    """Return the attribute as the rules read it."""
    open_choices = (each for each in row.choices.all() if each.archived_at is None)
    return Question(
        row.pk,
        row.key,
        row.name,
        row.kind,
        {each.label: each.pk for each in open_choices},
        frozenset(row.edited_by),
    )


def audience_of(by: Staff | None, *, is_customer: bool = False) -> str:
    """Return as whom somebody answers: HQ, a role of the stores, customer, machine."""
    if by is None:
        return rules.CUSTOMER if is_customer else rules.MACHINE
    return rules.HQ if by.is_hq else str(by.role)


@transaction.atomic
def set_values(
    wanted: Mapping[int, Mapping[str, object]],
    *,
    by: Staff | None,
    source: str,
    now: datetime,
    is_customer: bool = False,
) -> set[int]:
    """Write the members' answers by key; return whose changed.

    An empty answer takes the one there is away. All or nothing: Refused by the code
    of `rules.Wrong`, in a sentence that names the field.
    """
    hold_questions()
    asked, audience = questions(), audience_of(by, is_customer=is_customer)
    sound: dict[int, Answers] = {}
    for member, said in wanted.items():
        answers = rules.read_all(said, asked, audience=audience)
        if isinstance(answers, Fault):
            question = asked.get(answers.key)
            raise Unsound(answers, question.name if question else answers.key)
        sound[member] = answers
    changed = write(sound, by=by, source=source, now=now)
    steps.note(changed, now=now)
    return changed


@dataclass(frozen=True)
class _Change:
    """An answer that differs from the one there is, whose row may be missing."""

    member: int
    attribute: int
    row: AttributeValue | None
    answer: Answer


@transaction.atomic
def write(
    wanted: Mapping[int, Answers], *, by: Staff | None, source: str, now: datetime
) -> set[int]:
    """Write answers that were read already; return whose changed.

    Whoever calls notes the step.
    """
    if not any(wanted.values()):
        return set()
    changes = _changes(_by_person(wanted))
    told: dict[int, dict[str, object]] = {}
    keys = dict(Attribute.objects.values_list("pk", "key"))
    for each in changes:
        facts = told.setdefault(each.member, {"source": source})
        facts[keys[each.attribute]] = [plain(answer_of(each.row)), plain(each.answer)]
    _apply(changes, by=by, source=source, now=now)
    audit.record_many("attributes.set", Member, told, by=by, now=now)
    return set(told)


def _by_person(wanted: Mapping[int, Answers]) -> dict[int, dict[int, Answer]]:
    """Hold the members, as they are after any merge; a later answer counts."""
    people = aliases.hold([member for member, said in wanted.items() if said])
    ids = sorted(set(people.values()))
    # Whoever merges them or answers for them too waits until this is written.
    list(
        Member.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    )
    found: dict[int, dict[int, Answer]] = {}
    for member, said in wanted.items():
        if said:
            found.setdefault(people[member], {}).update(said)
    return found


def _changes(wanted: Mapping[int, Answers]) -> list[_Change]:
    rows = AttributeValue.objects.filter(member__in=wanted)
    kept = {(row.member_id, row.attribute_id): row for row in rows}
    found = [
        _Change(member, attribute, kept.get((member, attribute)), answer)
        for member, said in wanted.items()
        for attribute, answer in said.items()
    ]
    return [each for each in found if each.answer != answer_of(each.row)]


def _apply(
    changes: Iterable[_Change], *, by: Staff | None, source: str, now: datetime
) -> None:
    kinds = dict(Attribute.objects.values_list("pk", "kind"))
    made: list[AttributeValue] = []
    changed: list[AttributeValue] = []
    gone: list[int] = []
    for each in changes:
        if each.row is not None and each.answer.is_empty:
            gone.append(each.row.pk)
            continue
        row = each.row or AttributeValue(
            member_id=each.member,
            attribute_id=each.attribute,
            kind=kinds[each.attribute],
        )
        for column in COLUMNS:
            setattr(row, column, getattr(each.answer, column))
        row.source, row.set_by, row.set_at = source, by, now
        (changed if each.row else made).append(row)
    AttributeValue.objects.filter(pk__in=gone).delete()
    AttributeValue.objects.bulk_create(made, batch_size=AT_ONCE)
    fields = [*COLUMNS, "source", "set_by", "set_at"]
    AttributeValue.objects.bulk_update(changed, fields, batch_size=AT_ONCE)


def answer_of(row: AttributeValue | None) -> Answer:
    """Return the answer that a row holds; none is an empty one."""
    if row is None:
        return Answer()
    picked = tuple(row.picked) if row.picked is not None else None
    return Answer(row.text, row.number, row.day, row.flag, picked)


def plain(answer: Answer) -> object:
    """Return the answer as the record keeps it, None for an empty one."""
    if answer.number is not None:
        return rules.short(answer.number)
    filled = (value for value in asdict(answer).values() if value is not None)
    return next(filled, None)


def hold_questions() -> None:
    """Let nobody change the questions until these answers are written."""
    with connection.cursor() as cursor:
        cursor.execute("select id from members_attribute order by id for key share")
