"""The customer's own profile, and what its first steps bring, once, by every way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from apps.audit.models import AuditEntry
from apps.core import clock
from apps.loyalty import services as loyalty
from apps.loyalty.models import Gift, GiftRule
from apps.members import services as members
from apps.members.models import FirstStep, Identity, Member
from tests import make
from tests.members.attributes import asked

pytestmark = pytest.mark.django_db
ProfileIn = members.ProfileIn
Drain = Callable[[], list[str]]
WHOLE = ProfileIn(name="陳思妤", email="mei@example.com", birthday="1990-05-06")


def registered(**fields: Any) -> Member:
    now = clock.now()
    facts: dict[str, Any] = {
        "stage": "registered", "registered_at": now, "phone": "+886912345678",
    }  # fmt: skip
    return make.member(**facts | fields)


def save(member: Member, said: ProfileIn = WHOLE) -> Member:
    return members.save_profile(member, said, now=clock.now())


def gift(occasion: str, points: int = 30) -> GiftRule:
    since = clock.today() - timedelta(days=9)
    return GiftRule.objects.create(occasion=occasion, points=points, starts_on=since)


def points(member: Member) -> int:
    return loyalty.balance(member, now=clock.now()).available


def test_what_is_written_is_kept_with_what_stood_before() -> None:
    siyu = save(registered(name="思妤"), replace(WHOLE, gender="female"))
    assert (siyu.name, siyu.birthday) == ("陳思妤", date(1990, 5, 6))
    assert siyu.gender == "female"
    told = AuditEntry.objects.get(action="profile.saved").facts
    assert told["name"] == ["思妤", "陳思妤"]
    assert told["birthday"] == [None, "1990-05-06"]
    save(siyu, replace(WHOLE, gender="female", birthday=""))
    assert AuditEntry.objects.filter(action="profile.saved").count() == 1
    assert not Identity.objects.filter(kind="email").exists()


@pytest.mark.parametrize(
    ("said", "faults"),
    [
        (replace(WHOLE, name=" "), {"name"}),
        (replace(WHOLE, email="mei"), {"email"}),
        (replace(WHOLE, gender="robot"), {"gender"}),
        (replace(WHOLE, birthday="2999-01-01"), {"birthday"}),
        (replace(WHOLE, birthday="昨天"), {"birthday"}),
        (replace(WHOLE, answers={"height": "高"}), {"attr:height"}),
        (replace(WHOLE, answers={"care": "x"}), {"attr:care"}),
        (ProfileIn(name="", email="x"), {"name", "email"}),
    ],
)
def test_every_fault_is_named_and_nothing_is_kept(
    said: ProfileIn, faults: set[str]
) -> None:
    asked("height", "number")
    asked("care", shown_to=("manager",), edited_by=("manager",))
    siyu = registered(name="思妤")
    with pytest.raises(members.ProfileRefused) as caught:
        save(siyu, said)
    assert set(caught.value.faults) == faults
    siyu.refresh_from_db()
    assert siyu.name == "思妤"


def test_the_birthday_is_said_once() -> None:
    siyu = save(registered())
    with pytest.raises(members.ProfileRefused) as caught:
        save(siyu, replace(WHOLE, birthday="1991-05-06"))
    assert set(caught.value.faults) == {"birthday"}
    save(siyu, replace(WHOLE, birthday=""))
    siyu.refresh_from_db()
    assert siyu.birthday == date(1990, 5, 6)


def test_what_hq_requires_belongs_to_a_whole_profile() -> None:
    asked("style", is_required=True)
    siyu = save(registered())
    assert members.progress_of(siyu).missing == ("attr:style",)
    assert not Member.objects.with_whole_profile().exists()
    save(siyu, replace(WHOLE, answers={"style": "簡約"}))
    assert members.progress_of(siyu).is_complete
    assert Member.objects.with_whole_profile().get() == siyu


def test_a_whole_profile_brings_its_gift_at_once_and_once(drain: Drain) -> None:
    gift("profile")
    siyu = save(registered())
    assert points(siyu) == 0
    assert "apps.loyalty.tasks.give_first_steps" in drain()
    assert points(siyu) == 30
    assert not FirstStep.objects.exists()
    save(siyu, replace(WHOLE, name="陳小妤"))
    drain()
    loyalty.give_gifts(now=clock.now())
    assert (points(siyu), Gift.objects.count()) == (30, 1)


def test_a_file_that_fills_the_profile_brings_it_too(drain: Drain) -> None:
    gift("profile")
    gift("sign_up", 50)
    asked("style", "choices", is_required=True)
    row = members.MemberIn(
        name="陳思妤", phone="0912345678", email="mei@example.com",
        birthday=date(1990, 5, 6),
    )  # fmt: skip
    [done] = members.upsert([row], now=clock.now())
    drain()
    siyu = Member.objects.get(phone="+886912345678")
    assert points(siyu) == 50
    [done] = members.upsert(
        [replace(row, attributes={"style": "簡約、通勤"})], now=clock.now()
    )
    assert done.status == "changed"
    drain()
    assert points(siyu) == 80
    members.upsert([replace(row, attributes={"style": ""})], now=clock.now())
    members.upsert([replace(row, attributes={"style": "簡約"})], now=clock.now())
    drain()
    assert points(siyu) == 80


def test_saying_yes_brings_a_gift_by_channel(drain: Drain) -> None:
    gift("opt_in", 10)
    gift("opt_in_sms", 5)
    siyu = registered()

    def answer(channel: str, *, yes: bool) -> int:
        members.say(
            siyu, channel, "marketing",
            is_granted=yes, source="member_page", now=clock.now(),
        )  # fmt: skip
        drain()
        return points(siyu)

    assert answer("email", yes=True) == 10
    assert answer("sms", yes=False) == 10
    assert answer("sms", yes=True) == 15
    assert answer("sms", yes=False) == 15
    assert answer("sms", yes=True) == 15


def test_a_step_is_looked_at_again_where_the_giver_was_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gift("profile")
    siyu = save(registered())

    def die(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("apps.loyalty.services.gifts.points.grant", die)
        with pytest.raises(KeyboardInterrupt):
            loyalty.give_first_steps(now=clock.now())
    assert FirstStep.objects.filter(member=siyu).exists()
    assert loyalty.give_first_steps(now=clock.now()) == 1
    assert points(siyu) == 30
