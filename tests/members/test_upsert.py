"""The brand's own records of people: found, filled in, never taken from others."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.members import services as members
from apps.members.models import Binding, Conflict, Consent, Identity, Member
from apps.members.services import MemberIn, Upserted
from tests import make

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def upsert(*rows: MemberIn, system: str = "pos") -> list[Upserted]:
    return members.upsert(rows, system=system, now=NOW)


def statuses(answers: list[Upserted]) -> list[str]:
    return [answer.status for answer in answers]


def test_somebody_new_becomes_a_member_with_every_key() -> None:
    row = MemberIn(
        name="林小美", phone="0912345678", email="May@X.tw", card="a-100 1",
        pos_id="7", gender="female", birthday=date(1990, 2, 28),
    )  # fmt: skip

    [answer] = upsert(row)

    member = Member.objects.get()
    keys = set(Identity.objects.values_list("kind", "system", "value"))
    assert answer == Upserted("new", member.pk)
    assert (member.name, member.phone, member.stage) == (
        "林小美", "+886912345678", "registered",
    )  # fmt: skip
    assert keys == {
        ("phone", "", "+886912345678"), ("email", "", "may@x.tw"),
        ("card", "", "A1001"), ("pos", "pos", "7"),
    }  # fmt: skip


def test_the_same_rows_again_change_nothing() -> None:
    rows = [MemberIn(name="甲", phone="0912345678", marketing={"sms": True}),
            MemberIn(name="乙", email="b@x.tw")]  # fmt: skip

    assert statuses(upsert(*rows)) == ["new", "new"]
    assert statuses(upsert(*rows)) == ["unchanged", "unchanged"]
    assert Consent.objects.count() == 1


def test_a_known_member_gets_what_was_missing_and_keeps_what_is_not_said() -> None:
    upsert(MemberIn(name="林小美", phone="0912345678", birthday=date(1990, 2, 28)))

    [answer] = upsert(MemberIn(phone="0912345678", card="A1", gender="female"))

    member = Member.objects.get()
    assert (answer.status, answer.matched_by) == ("changed", "phone")
    assert (member.name, member.gender) == ("林小美", "female")
    assert member.birthday == date(1990, 2, 28)
    assert member.identities.filter(kind="card", value="A1").exists()


def test_keys_of_two_people_go_to_the_review_list_and_nothing_is_taken() -> None:
    upsert(MemberIn(phone="0912345678"), MemberIn(email="b@x.tw"))

    [answer] = upsert(MemberIn(phone="0912345678", email="b@x.tw", card="A1"))

    assert answer.code == "conflict"
    assert Conflict.objects.count() == 1
    assert not Identity.objects.filter(kind="card").exists()


def test_ids_of_two_systems_do_not_meet() -> None:
    upsert(MemberIn(pos_id="7"), system="pos-a")
    upsert(MemberIn(pos_id="7"), system="pos-b")

    assert Member.objects.count() == 2


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        (MemberIn(phone="123"), "phone", "phone"),
        (MemberIn(phone="0912345678", email="x"), "email", "email"),
        (MemberIn(phone="0912345678", gender="?"), "gender", "gender"),
        (MemberIn(phone="0912345678", birthday=date(2026, 11, 21)), "birthday",
         "birthday"),
        (MemberIn(phone="0912345678", registered_at=NOW + timedelta(1)),
         "registered_at", "registered_at"),
        (MemberIn(phone="0912345678", store_code="?"), "store_code", "store_code"),
        (MemberIn(phone="0912345678", staff_code="?"), "staff_code", "staff_code"),
        (MemberIn(name="無名"), "phone", "no_key"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_by_field_and_the_others_are_taken(
    row: MemberIn, field: str, code: str
) -> None:
    answers = upsert(row, MemberIn(phone="0987654321"))

    assert (answers[0].status, answers[0].field, answers[0].code) == (
        "rejected", field, code,
    )  # fmt: skip
    assert answers[1].status == "new"
    assert Member.objects.count() == 1


def test_a_row_binds_whoever_is_bound_to_nobody() -> None:
    store = make.store(code="s01")
    lin = make.staff("林", code="lin", at=store)
    chen = make.staff("陳", code="chen", at=store)

    def row(code: str) -> MemberIn:
        return MemberIn(phone="0912345678", store_code="s01", staff_code=code)

    [first] = upsert(row(lin.code))
    [again] = upsert(row(lin.code))
    [other] = upsert(row(chen.code))

    bond = Binding.objects.get()
    assert (bond.staff, bond.source) == (lin, Binding.Source.IMPORT)
    assert (first.code, again.code, other.code) == ("", "", "bound")
    assert (again.status, other.status) == ("unchanged", "unchanged")


def test_nobody_is_bound_where_the_salesperson_does_not_serve() -> None:
    make.store(code="s01")
    make.staff("林", code="lin", at=make.store(code="s02"))

    [answer] = upsert(MemberIn(phone="0912345678", store_code="s01", staff_code="lin"))

    assert answer.code == "posting"


def test_a_changed_mind_is_a_new_line_of_consent() -> None:
    for said in (True, True, False):
        upsert(MemberIn(phone="0912345678", marketing={"sms": said}))

    answers = Consent.objects.order_by("pk").values_list("is_granted", flat=True)
    assert list(answers) == [True, False]


def test_one_person_in_two_rows_is_one_member() -> None:
    answers = upsert(
        MemberIn(name="甲", phone="0912345678"),
        MemberIn(phone="0912345678", card="A1", birthday=date(1990, 1, 1)),
    )

    assert statuses(answers) == ["new", "changed"]
    assert Member.objects.get().birthday == date(1990, 1, 1)


def test_the_queries_do_not_grow_with_the_batch() -> None:
    def queries(count: int, first: int) -> int:
        rows = [
            MemberIn(phone=f"09{number:08}", card=f"C{number}", marketing={"sms": True})
            for number in range(first, first + count)
        ]
        with CaptureQueriesContext(
            connection,
        ) as seen:
            upsert(*rows)
        return len(seen)

    assert queries(200, 20_000_000) <= queries(2, 10_000_000) + 1


def test_a_file_does_not_agree_to_the_terms_for_somebody_of_line() -> None:
    lead = make.member("小美", user_id="U1", entry="line")
    members.claim_phone(lead, "+886912345678", now=NOW)

    upsert(MemberIn(name="林小美", phone="0912345678"))

    lead.refresh_from_db()
    assert (lead.stage, lead.name) == (Member.Stage.LEAD, "林小美")
