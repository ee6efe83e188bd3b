"""The customer's own profile in LINE, and what their card says of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from apps.core import clock
from apps.loyalty.models import GiftRule
from apps.members.models import AttributeValue, Member
from tests.members.attributes import asked

pytestmark = pytest.mark.django_db
Phone = Callable[..., Client]
FORM = {"name": "陳思妤", "email": "mei@example.com", "birthday": "1990-05-06"}


def test_the_profile_is_filled_in_and_counted(phone: Phone, siyu: Member) -> None:
    asked("style", "choices", name="風格", is_required=True)
    asked("care", name="店員才看", shown_to=("manager",), edited_by=())
    GiftRule.objects.create(
        occasion="profile", points=30, starts_on=clock.today() - timedelta(days=9)
    )
    Member.objects.update(
        stage="registered", registered_at=clock.now(), phone="+886912345678"
    )
    client = phone(siyu)
    card = client.get("/m/card/").content.decode()
    assert "1 / 5" in card
    assert "填完送 30 點" in card
    page = client.get("/m/profile/").content.decode()
    assert "店員才看" not in page
    done = client.post("/m/profile/", FORM | {"attr-style": ["", "簡約"]}, follow=True)
    assert "個人資料都填好了" in done.content.decode()
    siyu.refresh_from_db()
    assert (siyu.name, siyu.email) == ("陳思妤", "mei@example.com")
    assert AttributeValue.objects.get().source == "member_page"
    assert "填寫個人資料" not in client.get("/m/card/").content.decode()


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    phone: Phone, siyu: Member
) -> None:
    asked("height", "number", name="身高")
    said = FORM | {"email": "mei@", "attr-height": "高高的"}
    answer = phone(siyu).post("/m/profile/", said)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "電子郵件看起來不對" in shown
    assert "要是數字，最多四位小數" in shown
    for typed in ("mei@", "高高的", "陳思妤", "1990-05-06"):
        assert f'value="{typed}"' in shown
    siyu.refresh_from_db()
    assert siyu.name == ""


def test_the_birthday_is_shown_but_not_asked_again(phone: Phone, siyu: Member) -> None:
    client = phone(siyu)
    client.post("/m/profile/", FORM)
    client.post("/m/profile/", FORM | {"birthday": "2000-01-01"})
    siyu.refresh_from_db()
    assert str(siyu.birthday) == "1990-05-06"
    assert 'name="birthday"' not in client.get("/m/profile/").content.decode()


def test_a_stranger_goes_through_line(phone: Phone, siyu: Member) -> None:
    assert "profile" in phone().get("/m/profile/")["Location"]
    phone().post("/m/profile/", FORM)
    siyu.refresh_from_db()
    assert siyu.name == ""
