"""A choice is dropped while somebody picks it: it is kept, and the guard is needed."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from apps.core import clock
from apps.members import services as members
from apps.members.models import Attribute, AttributeChoice, AttributeValue, Member
from apps.staff.models import Staff
from tests import make
from tests.members.attributes import asked

pytestmark = pytest.mark.django_db(transaction=True)
KEPT = members.AttributeIn(key="style", name="風格", kind="choice", choices=("簡約",))


def race(row: Attribute, member: Member, hq: Staff) -> None:
    """Pick a choice, and drop it before that is committed."""
    picked, begun = threading.Event(), threading.Event()

    def pick() -> None:
        try:
            with transaction.atomic():
                said = {member.pk: {"style": "通勤"}}
                members.set_values(said, by=None, source="api", now=clock.now())
                picked.set()
                begun.wait(timeout=20)
                connection.cursor().execute("select pg_sleep(0.5)")
        finally:
            picked.set()
            connection.close()

    def drop() -> None:
        try:
            picked.wait(timeout=20)
            begun.set()
            members.change_attribute(row, KEPT, by=hq, now=clock.now())
        finally:
            begun.set()
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(pick), pool.submit(drop)]:
            done.result()


def dangling() -> bool:
    """Tell whether the answer picks a choice that is no more."""
    row = AttributeValue.objects.get()
    return not AttributeChoice.objects.filter(pk__in=row.picked or []).exists()


def test_a_choice_that_is_being_picked_is_archived() -> None:
    row, member = asked("style", "choice"), make.member()
    race(row, member, make.staff("許雅筑", role="admin"))
    assert not dangling()
    assert AttributeChoice.objects.get(label="通勤").archived_at is not None


@pytest.mark.breaks_invariants("the guard is off")
def test_without_the_guard_the_answer_would_pick_nothing() -> None:
    row, member = asked("style", "choice"), make.member()
    hq = make.staff("許雅筑", role="admin")
    switch = "alter table members_attributechoice {} trigger choice_is_unused"
    with connection.cursor() as cursor:
        cursor.execute(switch.format("disable"))
    try:
        race(row, member, hq)
        assert dangling()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(switch.format("enable"))
