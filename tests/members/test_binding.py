"""Binding a customer to a salesperson: every answer, and what is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from apps.audit.models import AuditEntry
from apps.core import clock
from apps.core.errors import Refused
from apps.members import services as members
from apps.members.invariants import INVARIANTS
from apps.members.models import Binding, Member
from apps.staff import services as staff_services
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def zhongshan(db: None) -> Store:
    return make.store("台北中山店")


@pytest.fixture
def yijun(zhongshan: Store) -> Staff:
    return make.staff("林怡君", at=zhongshan)


@pytest.fixture
def meiling(zhongshan: Store) -> Staff:
    return make.staff("王美玲", at=zhongshan)


@pytest.fixture
def siyu(db: None) -> Member:
    return make.member("陳思妤")


@pytest.fixture(autouse=True)
def _rules_hold(db: None) -> object:
    yield
    with connection.cursor() as cursor:
        for name, query in INVARIANTS.items():
            cursor.execute(query)
            assert cursor.fetchall() == [], name


def bind(
    member: Member, staff: Staff, store: Store, source: str = "login"
) -> members.BindOutcome:
    return members.bind(member, staff, store, source=source, now=clock.now())


def test_a_first_scan_binds(siyu: Member, yijun: Staff, zhongshan: Store) -> None:
    outcome = bind(siyu, yijun, zhongshan)
    assert (outcome.kind, outcome.previous) == ("bound", None)
    assert members.current_binding(siyu) == outcome.binding
    entry = AuditEntry.objects.get(action="binding.bound")
    assert entry.facts["staff"] == yijun.pk


def test_the_same_scan_again_changes_nothing(
    siyu: Member, yijun: Staff, zhongshan: Store
) -> None:
    first = bind(siyu, yijun, zhongshan)
    second = bind(siyu, yijun, zhongshan)
    assert (second.kind, second.binding) == ("already", first.binding)
    assert Binding.objects.count() == 1


def test_somebody_elses_code_replaces(
    siyu: Member, yijun: Staff, meiling: Staff, zhongshan: Store
) -> None:
    first = bind(siyu, yijun, zhongshan).binding
    outcome = bind(siyu, meiling, zhongshan)
    assert (outcome.kind, outcome.previous) == ("replaced", first)
    first.refresh_from_db()
    assert first.period.upper == outcome.binding.period.lower


def test_a_brand_may_keep_the_first(
    siyu: Member,
    yijun: Staff,
    meiling: Staff,
    zhongshan: Store,
    settings: Settings,
) -> None:
    settings.REBIND_POLICY = "keep"
    first = bind(siyu, yijun, zhongshan).binding
    outcome = bind(siyu, meiling, zhongshan)
    assert (outcome.kind, outcome.binding) == ("kept", first)
    assert bind(siyu, meiling, zhongshan, "manual").kind == "replaced"


def test_nobody_is_bound_to_somebody_who_left(
    siyu: Member, yijun: Staff, zhongshan: Store
) -> None:
    staff_services.deactivate(yijun, by=None, now=clock.now())
    with pytest.raises(Refused) as refusal:
        bind(siyu, yijun, zhongshan)
    assert refusal.value.code == "inactive"
    assert "林怡君" in refusal.value.message
    assert not Binding.objects.exists()


def test_nobody_is_bound_where_the_salesperson_does_not_serve(
    siyu: Member, yijun: Staff
) -> None:
    with pytest.raises(Refused, match="信義店"):
        bind(siyu, yijun, make.store("信義店"))


def test_binds_with_one_clock_reading_do_not_collide(
    siyu: Member, yijun: Staff, meiling: Staff, zhongshan: Store
) -> None:
    now = clock.now()
    for staff in (yijun, meiling, yijun, meiling):
        members.bind(siyu, staff, zhongshan, source="login", now=now)
    members.unbind(siyu, by=None, now=now - timedelta(hours=1))
    members.bind(siyu, yijun, zhongshan, source="login", now=now)
    assert Binding.objects.filter(member=siyu).count() == 5
    assert Binding.objects.current().get().staff == yijun


def test_unbinding_ends_the_bond_and_keeps_it(
    siyu: Member, yijun: Staff, zhongshan: Store
) -> None:
    bind(siyu, yijun, zhongshan)
    ended = members.unbind(siyu, by=None, now=clock.now())
    assert ended is not None
    assert members.current_binding(siyu) is None
    assert members.unbind(siyu, by=None, now=clock.now()) is None
    assert Binding.objects.get(pk=ended.pk).staff == yijun


@pytest.mark.parametrize(
    "statement",
    [
        "delete from members_binding",
        "update members_binding set staff_id = staff_id + 1",
        "update members_binding set period = tstzrange('2020-01-01', null)",
    ],
)
def test_who_was_bound_when_cannot_be_rewritten(
    siyu: Member, yijun: Staff, zhongshan: Store, statement: str
) -> None:
    bind(siyu, yijun, zhongshan)
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_an_ended_bond_stays_ended(
    siyu: Member, yijun: Staff, zhongshan: Store
) -> None:
    bind(siyu, yijun, zhongshan)
    members.unbind(siyu, by=None, now=clock.now())
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "update members_binding set period = tstzrange(lower(period), null)"
        )
