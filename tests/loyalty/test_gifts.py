"""Gifts come by themselves, once, whatever happens to the night."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from apps.core import clock
from apps.loyalty import services as loyalty
from apps.loyalty.models import Gift, GiftRule, PointEntry
from apps.loyalty.services import points
from apps.members.models import Consent, Member
from tests import make
from tests.loyalty.ledger import account

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_invariants")]


def at(text: str) -> datetime:
    """Return three at night of the day."""
    return clock.start_of(date.fromisoformat(text)) + timedelta(hours=3)


def gift(occasion: str, points: int = 100, since: str = "2026-01-01") -> GiftRule:
    """Make the rule of an occasion."""
    return GiftRule.objects.create(
        occasion=occasion, points=points, starts_on=date.fromisoformat(since)
    )


def registered(since: str = "2025-06-01", **fields: Any) -> Member:
    """Make a registered member."""
    return make.member(stage="registered", registered_at=at(since), **fields)


def give(day: str) -> int:
    """Give what the night of the day gives."""
    return loyalty.give_gifts(now=at(day))


def test_a_birthday_brings_points_once_a_year() -> None:
    gift("birthday")
    chen = registered(birthday=date(1990, 11, 22))
    make.member("還沒入會", birthday=date(1990, 11, 22))
    assert give("2026-11-21") == 0
    assert [give("2026-11-22"), give("2026-11-22"), give("2026-11-23")] == [1, 0, 0]
    assert give("2027-11-22") == 1
    assert account(chen) == (200, 0, 0)
    assert Gift.objects.filter(entry__isnull=True).count() == 0


def test_a_leap_day_birthday_is_kept_on_the_first_of_march() -> None:
    gift("birthday")
    registered(birthday=date(1992, 2, 29))
    assert [give("2026-02-28"), give("2026-03-01")] == [0, 1]
    assert [give("2028-02-29"), give("2028-03-01")] == [1, 0]


def test_a_birthday_that_is_changed_brings_nothing_more() -> None:
    gift("birthday")
    registered(birthday=date(1990, 11, 22))
    give("2026-11-22")
    Member.objects.update(birthday=date(1990, 11, 25))
    assert give("2026-11-25") == 0


def test_a_missed_night_is_made_good_but_not_before_the_rule() -> None:
    gift("birthday", since="2026-11-20")
    registered(birthday=date(1990, 11, 19))
    registered(birthday=date(1990, 11, 20))
    assert give("2026-11-24") == 1


def test_the_month_gift_comes_on_the_first_and_once_a_year() -> None:
    gift("birthday_month")
    registered(birthday=date(1990, 11, 30))
    assert [give("2026-10-31"), give("2026-11-01"), give("2026-11-30")] == [0, 1, 0]


def test_an_anniversary_is_not_the_day_of_joining() -> None:
    gift("anniversary")
    registered("2026-11-20")
    assert give("2026-11-20") == 0
    assert give("2027-11-20") == 1


def test_first_steps_are_rewarded_once() -> None:
    for occasion in ("sign_up", "profile", "opt_in"):
        gift(occasion)
    registered("2025-12-31")
    chen = registered("2026-01-01")
    assert give("2026-11-22") == 1
    Member.objects.filter(pk=chen.pk).update(
        phone="+886912345678", email="a@example.com", birthday=date(1990, 1, 1)
    )
    said = {"member": chen, "channel": "line", "purpose": "marketing", "source": "x"}
    Consent.objects.create(is_granted=True, at=at("2026-11-01"), **said)
    assert [give("2026-11-22"), give("2026-11-22")] == [2, 0]
    assert account(chen) == (300, 0, 0)


def test_an_opt_in_that_was_taken_back_brings_nothing() -> None:
    gift("opt_in")
    chen = registered()
    said = {"member": chen, "channel": "line", "purpose": "marketing", "source": "x"}
    Consent.objects.create(is_granted=True, at=at("2026-11-01"), **said)
    Consent.objects.create(is_granted=False, at=at("2026-11-02"), **said)
    assert give("2026-11-22") == 0


def test_a_night_that_is_killed_gives_nothing_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gift("sign_up")
    for _ in range(3):
        registered("2026-02-01")
    whole = points.grant

    def dies(*args: Any, **facts: Any) -> Any:
        whole(*args, **facts)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(points, "grant", dies)
        with pytest.raises(KeyboardInterrupt):
            give("2026-11-22")
    assert (Gift.objects.count(), PointEntry.objects.count()) == (0, 0)
    assert [give("2026-11-22"), give("2026-11-22")] == [3, 0]


def test_the_commands_take_a_day_and_do_nothing_twice() -> None:
    gift("sign_up")
    registered("2026-02-01")
    said = StringIO()
    for _ in range(2):
        call_command("give_gifts", "--date=2026-11-22", stdout=said)
        call_command("expire_points", "--date=2026-11-22", stdout=said)
        call_command("release_points", "--date=2026-11-22", stdout=said)
    assert said.getvalue().splitlines() == [
        "1 gifts given", "0 lots expired", "0 lots released",
        "0 gifts given", "0 lots expired", "0 lots released",
    ]  # fmt: skip
