"""What a member agrees to: silence is no, the last word stands, nothing is changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from pytest_django import DjangoAssertNumQueries

from apps.audit.models import AuditEntry
from apps.core import clock
from apps.core.errors import Refused
from apps.members import services as members
from apps.members.models import Consent, Member
from apps.members.reports import consent_lines
from tests import make

pytestmark = pytest.mark.django_db
MARKETING = Consent.Purpose.MARKETING


def say(member: Member, channel: str, answer: str, *, minutes: int = 0) -> bool:
    return members.say(
        member, channel,
        MARKETING,
        is_granted=answer == "yes",
        source="member_page", now=clock.now() + timedelta(minutes=minutes),
    )  # fmt: skip


def test_the_last_word_of_each_channel_stands_in_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    people = [make.member(f"人{n}") for n in range(3)]
    say(people[0], "line", "yes")
    say(people[0], "line", "no", minutes=1)
    say(people[0], "sms", "yes")
    say(people[1], "line", "yes")
    with django_assert_num_queries(1):
        stands = members.consent_of([person.pk for person in people])
    said = {
        pk: {key: c.is_granted for key, c in by.items()} for pk, by in stands.items()
    }
    assert said == {
        people[0].pk: {("line", "marketing"): False, ("sms", "marketing"): True},
        people[1].pk: {("line", "marketing"): True},
        people[2].pk: {},
    }


def test_the_same_answer_twice_is_one_row() -> None:
    member = make.member()
    assert say(member, "line", "no")
    assert not say(member, "line", "no", minutes=1)
    assert Consent.objects.count() == 1
    assert AuditEntry.objects.filter(action="consent.said").count() == 1


def test_all_off_and_back_on_for_one() -> None:
    member = make.member()
    say(member, "line", "yes")
    count = members.say_all(
        member, Consent.Channel.values, MARKETING, is_granted=False,
        source="member_page", now=clock.now() + timedelta(minutes=1),
    )  # fmt: skip
    assert count == 6
    assert not any(line.is_on for line in consent_lines(member))
    say(member, "line", "yes", minutes=2)
    assert [line.channel for line in consent_lines(member) if line.is_on] == ["line"]
    assert Consent.objects.filter(notice=members.NOTICE).count() == 8


@pytest.mark.parametrize(
    ("channel", "purpose", "code"),
    [
        ("fax", "marketing", "unknown"),
        ("line", "war", "unknown"),
        ("line", "terms", "terms"),
        ("line", "marketing", "reason"),
    ],
)
def test_what_staff_may_not_say(channel: str, purpose: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        members.say(
            make.member(), channel, purpose, is_granted=True,
            source="hq", by=make.staff(), reason=" ", now=clock.now(),
        )  # fmt: skip
    assert caught.value.code == code
    assert not Consent.objects.exists()


def test_a_row_is_never_changed() -> None:
    say(make.member(), "line", "yes")
    for change in (
        lambda: Consent.objects.update(is_granted=False),
        lambda: Consent.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_an_aliass_word_is_the_persons() -> None:
    till, line = make.member("王小美"), make.member("小美")
    members.merge(till, line, by=make.staff(role="admin"), now=clock.now())
    say(line, "sms", "yes")
    assert ("sms", "marketing") in members.consent_of([till.pk])[till.pk]
