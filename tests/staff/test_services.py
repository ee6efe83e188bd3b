"""Posting people to stores, and letting them go."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from apps.audit.models import AuditEntry
from apps.core import clock
from apps.core.errors import Refused
from apps.staff import services
from apps.staff.models import Posting, Staff
from tests import make

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


def test_the_main_posting_in_force_says_where_a_person_serves() -> None:
    old, main, extra = make.store("舊店"), make.store("主店"), make.store("支援店")
    person = make.staff()
    Posting.objects.create(
        staff=person, store=old, starts_on=date(2024, 1, 1), ends_on=TODAY
    )
    Posting.objects.create(
        staff=person, store=extra, starts_on=date(2025, 1, 1), is_main=False
    )
    Posting.objects.create(staff=person, store=main, starts_on=TODAY)
    assert services.main_store(person, TODAY) == main
    assert services.main_store(person, TODAY - timedelta(days=1)) == old
    assert services.main_store(person, date(2023, 1, 1)) is None
    assert services.serves_at(person, extra, TODAY)
    assert not services.serves_at(person, old, TODAY)


def test_a_new_main_posting_takes_the_place() -> None:
    one, two = make.store("一店"), make.store("二店")
    person = make.staff(at=one)
    services.post(person, two, starts_on=TODAY, by=None, now=clock.now())
    assert services.main_store(person, TODAY) == two
    assert AuditEntry.objects.get(action="staff.posted").facts["store"] == two.code


def test_nobody_is_posted_twice_to_a_store() -> None:
    store = make.store()
    person = make.staff(at=store)
    with pytest.raises(Refused) as caught:
        services.post(person, store, starts_on=TODAY, by=None, now=clock.now())
    assert caught.value.code == "posted"


def test_a_leaver_serves_nowhere_and_is_kept() -> None:
    store, boss = make.store(), make.staff("管理員", role=Staff.Role.ADMIN)
    person, now = make.staff(at=store), clock.now()
    future = make.store("新店")
    services.post(
        person, future, starts_on=clock.today() + timedelta(days=30), by=boss, now=now
    )
    services.deactivate(person, by=boss, now=now)
    services.deactivate(person, by=boss, now=now)
    person.refresh_from_db()
    assert (person.is_active, person.left_on) == (False, clock.today())
    assert not services.serves_at(person, store, clock.today() + timedelta(days=1))
    assert [posting.store for posting in person.postings.all()] == [store]
    assert AuditEntry.objects.filter(action="staff.deactivated").count() == 1
    with pytest.raises(Refused) as caught:
        services.post(person, future, starts_on=TODAY, by=boss, now=now)
    assert caught.value.code == "left"
    assert services.reactivate(person, by=boss, now=now).is_active


def test_the_last_admin_stays() -> None:
    boss = make.staff("管理員", role=Staff.Role.ADMIN)
    for by, code in ((boss, "self"), (None, "last_admin")):
        with pytest.raises(Refused) as caught:
            services.deactivate(boss, by=by, now=clock.now())
        assert caught.value.code == code


def test_whom_each_role_sees() -> None:
    today, north, south = clock.today(), make.store("北店"), make.store("南店")
    boss = make.staff("管理員", role=Staff.Role.ADMIN)
    manager = make.staff("店長", at=north, role=Staff.Role.MANAGER)
    own, other = make.staff("甲", at=north), make.staff("乙", at=south)
    moved = make.staff("丙", at=south)
    Posting.objects.create(
        staff=moved, store=north, starts_on=date(2020, 1, 1), ends_on=today
    )
    Posting.objects.create(
        staff=manager, store=south, starts_on=date(2020, 1, 1), ends_on=today
    )

    def seen(viewer: Staff) -> set[Staff]:
        return set(Staff.objects.visible_to(viewer))

    assert seen(boss) == {boss, manager, own, other, moved}
    assert seen(manager) == {manager, own}
    assert seen(own) == {own}
    assert set(Staff.objects.serving()) == {manager, own, other, moved}
