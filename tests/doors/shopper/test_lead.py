"""The public form: whoever writes is thanked alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from apps.channels.models import Account
from apps.core import clock
from apps.members import services as members
from apps.members.models import Inquiry, Lead, Member
from tests import make

pytestmark = pytest.mark.django_db
Phone = Callable[..., Client]
FORM = {
    "name": "蔡小姐", "phone": "0937 210 448", "interest": "婚宴洋裝", "agreed": "on",
    "source": "ig-bio",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _brand(line: Account) -> None:
    """Let the brand have its account."""


def test_a_stranger_is_kept_as_a_lead(client: Client) -> None:
    store = make.store()
    page = client.get("/m/lead/?source=ig-bio").content.decode()
    assert 'value="ig-bio"' in page
    assert members.NOTICE in page
    done = client.post("/m/lead/", FORM | {"store": store.pk}, follow=True)
    assert "收到了" in done.content.decode()
    asked = Inquiry.objects.get()
    assert (asked.source, asked.store) == ("ig-bio", store)
    assert Lead.objects.get().store == store


def test_nobody_learns_who_is_known(client: Client) -> None:
    siyu = make.member(stage="registered", registered_at=clock.now())
    members.link_key(siyu, "phone", "+886937210448", by=None, now=clock.now())
    known = client.post("/m/lead/", FORM)
    unknown = client.post("/m/lead/", FORM | {"phone": "0912345678"})
    assert (known.status_code, known["Location"]) == (302, unknown["Location"])
    assert siyu.inquiries.count() == 1


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"phone": ""}, "請留手機或電子郵件"),
        ({"phone": "12"}, "再看一次有沒有打錯"),
        ({"phone": "", "email": "x"}, "電子郵件看起來不對"),
        ({"interest": ""}, "請寫一下您想找什麼"),
        ({"agreed": ""}, "要先同意"),
        ({"name": ""}, "請填姓名或稱呼"),
        ({"store": "987654321"}, "store"),
    ],
)
def test_what_is_wrong_is_said(
    client: Client, facts: dict[str, str], told: str
) -> None:
    answer = client.post("/m/lead/", FORM | facts)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not Member.objects.exists()


def test_a_machine_that_fills_in_everything_is_thanked_for_nothing(
    client: Client,
) -> None:
    answer = client.post("/m/lead/", FORM | {"website": "http://spam.example"})
    assert answer.status_code == 302
    assert not Member.objects.exists()


def test_a_flood_is_stopped(client: Client) -> None:
    for n in range(5):
        client.post("/m/lead/", FORM | {"phone": f"091234567{n}"})
    answer = client.post("/m/lead/", FORM)
    assert answer.status_code == 422
    assert "剛才送出很多次了" in answer.content.decode()
    assert Inquiry.objects.count() == 5


def test_who_came_by_line_stays_the_same_person(phone: Phone, siyu: Member) -> None:
    client = phone(siyu)
    assert "思妤" in client.get("/m/lead/").content.decode()
    client.post("/m/lead/", FORM)
    assert Inquiry.objects.get().member == siyu
    assert Lead.objects.get().member == siyu
