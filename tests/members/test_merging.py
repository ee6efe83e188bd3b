"""Merging two records of one person: all that moves, and all that comes back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from apps.conversations.models import Conversation
from apps.core import clock
from apps.core.errors import Refused
from apps.members import services as members
from apps.members.invariants import INVARIANTS
from apps.members.models import (
    Binding,
    Conflict,
    Consent,
    Identity,
    Member,
    MemberFacts,
    Merge,
    Tag,
)
from apps.members.services import movers
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def hq() -> Staff:
    return make.staff("許雅筑", role=Staff.Role.ADMIN)


@pytest.fixture
def store() -> Store:
    return make.store()


def person(name: str, phone: str, **fields: Any) -> Member:
    """Make a registered member who is known by the phone and consented."""
    now = clock.now()
    made = make.member(
        name, phone=phone, stage="registered", registered_at=now - 9 * DAY, **fields
    )
    members.link_key(made, "phone", phone, by=None, now=now)
    for purpose in ("terms", "marketing"):
        Consent.objects.create(
            member=made, channel="line", purpose=purpose, is_granted=True,
            source="bind", notice="2026-01", at=now,
        )  # fmt: skip
    return made


def wong() -> tuple[Member, Member]:
    """Make the two records of one woman: till and LINE."""
    till = person("王小美", "+886911111111", email="mei@x.example")
    line = person("小美", "+886922222222", birthday=date(1990, 5, 1))
    members.meet_line_user(make.account(), "U1", now=clock.now())
    Identity.objects.filter(value="U1").update(member=line)
    return till, line


def snapshot() -> dict[str, list[dict[str, Any]]]:
    """Return every row that points to a member, and the members themselves."""
    tables = {label for label, _field in fields_to_members()} | {"members.Member"}
    left_out = {"members.Merge", "members.Conflict", "members.Binding"}
    return {
        label: list(movers.rows_of(label).order_by("pk").values())
        for label in sorted(tables - left_out)
    }


def fields_to_members() -> set[tuple[str, str]]:
    return {
        (model._meta.label, field.name)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model is Member
    }


def broken() -> list[str]:
    found = []
    for name, query in INVARIANTS.items():
        with connection.cursor() as cursor:
            cursor.execute(query)
            if cursor.fetchall():
                found.append(name)
    return found


def test_every_table_with_a_member_has_a_mover() -> None:
    assert fields_to_members() - movers.covered() == set()


def test_everything_moves_and_comes_back(hq: Staff) -> None:
    till, line = wong()
    tag = Tag.objects.create(name="大衣控")
    both = Tag.objects.create(name="VIP")
    tag.members.add(line)
    both.members.add(till, line)
    make.order(till, 1_000)
    make.order(line, 2_000, 300)
    Conversation.objects.create(
        account=make.account(), member=line, address="U1", desk_reason="unbound",
        last_message_at=clock.now(), created_at=clock.now(),
    )  # fmt: skip
    members.match_batch(
        [members.CustomerKeys(phone="0911111111", line_user_id="U1")], now=clock.now()
    )
    now = clock.now()
    before = snapshot()

    merge = members.merge(till, line, take=["birthday", "name"], by=hq, now=now)

    till.refresh_from_db()
    line.refresh_from_db()
    assert (till.name, till.birthday) == ("小美", date(1990, 5, 1))
    assert line.merged_into == till
    assert set(till.identities.values_list("value", flat=True)) == {
        "+886911111111", "+886922222222", "U1",
    }  # fmt: skip
    assert till.orders.count() == 2
    assert MemberFacts.objects.get(member=till).spend == 3_300
    assert MemberFacts.objects.get(member=line).spend == 0
    assert set(till.tags.values_list("name", flat=True)) == {"大衣控", "VIP"}
    assert till.consents.count() == 4
    assert Conversation.objects.get().member == till
    assert members.find_by_number(line.number) == till
    assert Conflict.objects.get().state == "merged"
    assert merge.moved["標籤"] == 2
    assert broken() == []

    members.undo_merge(merge, by=hq, now=now + DAY)
    again = members.undo_merge(merge, by=hq, now=now + DAY)

    after = snapshot()
    for label in before:
        if label not in {"members.MemberFacts"}:
            assert after[label] == before[label], label
    assert MemberFacts.objects.get(member=line).spend == 2_300
    assert MemberFacts.objects.get(member=till).spend == 1_000
    assert again.undone_at == now + DAY
    assert Conflict.objects.get().state == "open"
    assert broken() == []


def test_a_preview_says_what_would_move_and_writes_nothing(hq: Staff) -> None:
    till, line = wong()
    make.order(line, 500)
    before = snapshot()

    seen = members.preview(till, line, take=["name"])

    assert seen.changes["name"] == "小美"
    counts = {str(each.label): each.count for each in seen.moving}
    assert counts == {"身分": 2, "同意紀錄": 2, "訂單": 1}
    assert snapshot() == before


def test_a_chain_leads_to_the_last_and_is_undone_from_the_end(hq: Staff) -> None:
    a, b, c = (person(f"人{n}", f"+88691234567{n}") for n in range(3))
    now = clock.now()
    first = members.merge(b, a, by=hq, now=now)
    second = members.merge(c, b, by=hq, now=now)

    assert members.find_by_number(a.number) == c
    assert Member.objects.get(pk=a.pk).merged_into == c
    assert members.find_by_phone("0912345670") == c
    assert broken() == []

    with pytest.raises(Refused) as caught:
        members.undo_merge(first, by=hq, now=now)
    assert caught.value.code == "merged_on"
    members.undo_merge(second, by=hq, now=now)
    assert Member.objects.get(pk=a.pk).merged_into == b
    members.undo_merge(first, by=hq, now=now)
    assert members.find_by_phone("0912345670") == a
    assert broken() == []


def test_nobody_is_merged_with_themselves_or_twice(hq: Staff) -> None:
    till, line = wong()
    with pytest.raises(Refused) as caught:
        members.merge(till, till, by=hq, now=clock.now())
    assert caught.value.code == "same"
    members.merge(till, line, by=hq, now=clock.now())
    for pair in ((line, till), (till, line)):
        with pytest.raises(Refused) as caught:
            members.merge(*pair, by=hq, now=clock.now())
        assert caught.value.code == "merged"


def test_what_was_changed_since_stays_and_late_is_late(hq: Staff) -> None:
    till, line = wong()
    now = clock.now()
    merge = members.merge(till, line, take=["name"], by=hq, now=now)
    Member.objects.filter(pk=till.pk).update(name="王小美（改）")

    with pytest.raises(Refused) as caught:
        members.undo_merge(merge, by=hq, now=now + 31 * DAY)
    assert caught.value.code == "too_late"
    members.undo_merge(merge, by=hq, now=now + 29 * DAY)

    till.refresh_from_db()
    assert (till.name, till.birthday) == ("王小美（改）", None)


@pytest.mark.parametrize("take", [(), ("binding",)])
def test_one_bond_goes_on_and_the_other_comes_back(
    hq: Staff, store: Store, take: tuple[str, ...]
) -> None:
    till, line = wong()
    lin, chen = make.staff("林怡君", at=store), make.staff("陳柏翰", at=store)
    now = clock.now()
    make.bound(till, lin, store, since=now - 60 * DAY)
    make.bound(line, lin, store, since=now - 90 * DAY, until=now - 70 * DAY)
    make.bound(line, chen, store, since=now - 50 * DAY)

    merge = members.merge(till, line, take=take, by=hq, now=now)

    current = Binding.objects.current().get()
    assert (current.member, current.staff) == (till, chen if take else lin)
    assert Binding.objects.filter(member=till).count() == (3 if take else 2)
    assert broken() == []

    members.undo_merge(merge, by=hq, now=now + DAY)

    held = {bond.member_id: bond.staff for bond in Binding.objects.current()}
    assert held == {till.pk: lin, line.pk: chen}
    assert broken() == []


def test_a_bond_alone_moves_as_it_is(hq: Staff, store: Store) -> None:
    till, line = wong()
    bond = make.bound(line, make.staff(at=store), store, since=clock.now() - 50 * DAY)
    merge = members.merge(till, line, by=hq, now=clock.now())
    bond.refresh_from_db()
    assert (bond.member, bond.period.upper) == (till, None)
    members.undo_merge(merge, by=hq, now=clock.now())
    bond.refresh_from_db()
    assert (bond.member, bond.period.upper) == (line, None)


def test_what_was_said_after_the_merge_goes_back_with_the_line_id(hq: Staff) -> None:
    till, line = wong()
    now = clock.now()
    merge = members.merge(till, line, by=hq, now=now)
    talk = Conversation.objects.get()
    assert (talk.address, talk.member) == ("U1", till)

    members.undo_merge(merge, by=hq, now=now + DAY)

    talk.refresh_from_db()
    assert talk.member == line


def test_binding_an_alias_binds_the_person(hq: Staff, store: Store) -> None:
    till, line = wong()
    members.merge(till, line, by=hq, now=clock.now())
    lin = make.staff(at=store)
    members.bind(line, lin, store, source="login", now=clock.now())
    assert Binding.objects.get().member == till


def test_history_changes_hands_by_a_merge_alone(hq: Staff) -> None:
    till, line = wong()
    merge = members.merge(till, line, by=hq, now=clock.now())
    Merge.objects.filter(pk=merge.pk).update(transaction=1)  # as if it were yesterday's
    for change in (
        {"member": line}, {"is_granted": False}, {"member": make.member("路人")},
    ):  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            Consent.objects.update(**change)


def test_two_line_ids_of_one_person_keep_their_own_conversation(hq: Staff) -> None:
    account, now = make.account(), clock.now()
    one, two = (make.member(f"人{n}", user_id=f"U{n}", on=account) for n in range(2))
    for member in (one, two):
        Conversation.objects.create(
            account=account, member=member, last_message_at=now, created_at=now,
            address=member.identities.get().value,
        )  # fmt: skip
    merge = members.merge(one, two, by=hq, now=now)
    assert Conversation.objects.filter(member=one).count() == 2
    members.undo_merge(merge, by=hq, now=now)
    assert Conversation.objects.get(member=two).address == "U1"
