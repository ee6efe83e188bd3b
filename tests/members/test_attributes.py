"""HQ's own questions and members' answers: declared, typed, recorded, merged."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from apps.audit.models import AuditEntry
from apps.core import clock
from apps.core.errors import Refused
from apps.members import services as members
from apps.members.errors import Unsound
from apps.members.models import (
    Attribute,
    AttributeChoice,
    AttributeValue,
    FirstStep,
    Member,
)
from apps.members.reports import answers_by_key
from apps.staff.models import Staff
from tests import make
from tests.members.attributes import asked

pytestmark = pytest.mark.django_db
AttributeIn = members.AttributeIn


@pytest.fixture
def hq() -> Staff:
    return make.staff("許雅筑", role="admin")


def say(member: Member, *, at: datetime | None = None, **said: object) -> set[int]:
    now = at or clock.now()
    return members.set_values({member.pk: said}, by=None, source="import", now=now)


def test_each_kind_is_kept_in_its_own_column() -> None:
    for kind in Attribute.Kind.values:
        asked(kind, kind)
    siyu = make.member()
    assert say(
        siyu, text="怕羊毛", number="163.5", date="2020-10-20", yes_no="否",
        choice="通勤", choices=["通勤", "簡約"],
    ) == {siyu.pk}  # fmt: skip
    rows = AttributeValue.objects.order_by("attribute__position")
    labels = dict(AttributeChoice.objects.values_list("pk", "label"))
    kept = {
        row.kind: row.text or row.number or row.day or row.flag
        if row.picked is None
        else {labels[pk] for pk in row.picked}
        for row in rows
    }
    assert kept == {
        "text": "怕羊毛", "number": Decimal("163.5"), "date": date(2020, 10, 20),
        "yes_no": False, "choice": {"通勤"}, "choices": {"通勤", "簡約"},
    }  # fmt: skip
    assert answers_by_key(siyu) == {
        "text": "怕羊毛", "number": 163.5, "date": "2020-10-20", "yes_no": False,
        "choice": "通勤", "choices": answers_by_key(siyu)["choices"],
    }  # fmt: skip
    assert FirstStep.objects.get().member == siyu


def test_the_same_again_changes_nothing_and_empty_takes_away() -> None:
    asked("height", "number")
    siyu = make.member()
    say(siyu, height="163")
    assert say(siyu, height="163.0") == set()
    say(siyu, height="164")
    say(siyu, height="")
    assert not AttributeValue.objects.exists()
    told = AuditEntry.objects.filter(action="attributes.set").order_by("pk")
    assert [entry.facts["height"] for entry in told] == [
        [None, "163"], ["163", "164"], ["164", None]
    ]  # fmt: skip


def test_a_batch_is_written_whole_or_not_at_all() -> None:
    asked("height", "number")
    people = [make.member(f"顧客{n}") for n in range(3)]
    wanted = {member.pk: {"height": 160 + n} for n, member in enumerate(people)}
    with pytest.raises(Unsound) as caught:
        members.set_values(
            wanted | {people[2].pk: {"height": "高"}},
            by=None, source="import", now=clock.now(),
        )  # fmt: skip
    assert (caught.value.code, caught.value.field) == ("attr_number", "height")
    assert "欄位 height" in caught.value.message
    assert not AttributeValue.objects.exists()
    now = clock.now()
    assert len(members.set_values(wanted, by=None, source="import", now=now)) == 3


def test_a_batch_takes_few_statements(django_assert_max_num_queries: Any) -> None:
    asked("height", "number")
    people = [make.member(f"顧客{n}") for n in range(30)]
    wanted = {member.pk: {"height": 160} for member in people}
    with django_assert_max_num_queries(16):
        members.set_values(wanted, by=None, source="import", now=clock.now())


def test_a_role_edits_only_what_it_may(hq: Staff) -> None:
    asked("care", shown_to=("manager",), edited_by=("manager",))
    siyu = make.member()

    def as_(by: Staff) -> set[int]:
        said = {siyu.pk: {"care": by.role}}
        return members.set_values(said, by=by, source="x", now=clock.now())

    with pytest.raises(Unsound) as caught:
        as_(make.staff())
    assert caught.value.code == "attr_forbidden"
    assert as_(make.staff("周曼寧", role="manager"))
    assert as_(hq)
    assert AttributeValue.objects.get().set_by == hq


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"key": "Shoe Size"}, "attr_key"),
        ({"key": "style"}, "attr_key"),
        ({"name": " "}, "attr_name"),
        ({"name": "欄位 style"}, "attr_name"),
        ({"kind": "colour"}, "attr_kind"),
        ({"choices": ("大",)}, "attr_choices"),
        ({"kind": "choice", "choices": (" ",)}, "attr_choices"),
        ({"shown_to": ("boss",), "edited_by": ()}, "attr_audience"),
        ({"shown_to": (), "edited_by": ("customer",)}, "attr_audience"),
        ({"edited_by": (), "is_required": True}, "attr_required"),
    ],
)
def test_a_question_makes_sense(facts: dict[str, Any], code: str, hq: Staff) -> None:
    asked("style")
    said = AttributeIn(key="size", name="尺寸", kind="text", shown_to=("customer",))
    with pytest.raises(Refused) as caught:
        members.declare_attribute(replace(said, **facts), by=hq, now=clock.now())
    assert caught.value.code == code
    assert Attribute.objects.count() == 1


def test_the_kind_stays_once_somebody_answered(hq: Staff) -> None:
    row = asked("style")
    said = AttributeIn(key="style", name="風格", kind="number")
    assert members.change_attribute(row, said, by=hq, now=clock.now()).kind == "number"
    say(make.member(), style="3")
    with pytest.raises(Refused) as caught:
        members.change_attribute(row, replace(said, kind="text"), by=hq,
                                 now=clock.now())  # fmt: skip
    assert caught.value.code == "attr_kind"
    with pytest.raises(IntegrityError), transaction.atomic():
        Attribute.objects.filter(pk=row.pk).update(kind="text")
    with pytest.raises(IntegrityError), transaction.atomic():
        AttributeValue.objects.update(text="三", number=None)


def test_a_choice_in_use_is_archived_and_comes_back(hq: Staff) -> None:
    row = asked("style", "choices", choices=("簡約", "通勤", "復古"))
    siyu = make.member()
    say(siyu, style="通勤")
    said = AttributeIn(key="style", name="風格", kind="choices", choices=("簡約",))
    members.change_attribute(row, said, by=hq, now=clock.now())
    left = dict(AttributeChoice.objects.values_list("label", "archived_at"))
    assert set(left) == {"簡約", "通勤"}
    assert left["通勤"] is not None
    with pytest.raises(Unsound):
        say(make.member("別人"), style="通勤")
    assert answers_by_key(siyu) == {"style": ["通勤"]}
    again = replace(said, choices=("通勤", "簡約"))
    members.change_attribute(row, again, by=hq, now=clock.now())
    assert say(make.member("別人"), style="通勤")
    with pytest.raises(IntegrityError), transaction.atomic():
        AttributeChoice.objects.get(label="通勤").delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        AttributeValue.objects.update(picked=[0])


def test_what_is_archived_is_asked_no_more_and_can_come_back(hq: Staff) -> None:
    row = asked("style")
    siyu = make.member()
    say(siyu, style="簡約")
    members.archive_attribute(row, by=hq, now=clock.now())
    with pytest.raises(Unsound) as caught:
        say(siyu, style="復古")
    assert caught.value.code == "attr_unknown"
    assert answers_by_key(siyu) == {}
    other = asked("other", name=row.name)
    with pytest.raises(Refused):
        members.restore_attribute(row, by=hq, now=clock.now())
    members.archive_attribute(other, by=hq, now=clock.now())
    members.restore_attribute(row, by=hq, now=clock.now())
    assert answers_by_key(siyu) == {"style": "簡約"}


def test_questions_are_set_in_order() -> None:
    rows = [asked(key) for key in ("a", "b", "c")]
    members.move_attribute(rows[2], is_up=True)
    members.move_attribute(rows[0], is_up=True)
    assert [row.key for row in Attribute.objects.asked()] == ["a", "c", "b"]
    members.move_attribute(rows[0], is_up=False)
    assert [row.key for row in Attribute.objects.asked()] == ["c", "a", "b"]


def test_of_a_merge_the_newer_answer_counts_and_undoing_puts_back(hq: Staff) -> None:
    for key in ("both", "older", "mine", "theirs", "later"):
        asked(key)
    keeper, loser = make.member("王小美"), make.member("小美")
    old = clock.now() - timedelta(days=9)
    new = old + timedelta(days=1)
    say(keeper, at=old, both="k", mine="k", later="k")
    say(loser, at=new, both="l", theirs="l", later="l")
    say(loser, at=old, older="l")
    say(keeper, at=new, older="k")
    before = {pk: answers_by_key(pk) for pk in (keeper, loser)}

    merge = members.merge(keeper, loser, by=hq, now=clock.now())
    assert answers_by_key(keeper) == {
        "both": "l", "mine": "k", "theirs": "l", "older": "k", "later": "l"
    }  # fmt: skip
    assert say(loser, theirs="l", later="newer") == {keeper.pk}

    members.undo_merge(merge, by=hq, now=clock.now())
    assert answers_by_key(loser) == before[loser]
    assert answers_by_key(keeper) == before[keeper] | {"later": "newer"}
