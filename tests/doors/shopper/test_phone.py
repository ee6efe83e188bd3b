"""The customer's page that proves a telephone by a code."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from apps.core import clock
from apps.members import services as members
from apps.members.models import Member
from apps.members.services import MemberIn
from apps.messaging import tasks
from apps.shopper import session
from tests import make
from tests.sms_gateway import Standin, gateway

URL = "/m/phone/"
PHONE = "+886912345678"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def standin(settings: Settings) -> Iterator[Standin]:
    with gateway() as found:
        settings.SMS_GATEWAY, settings.SMS_URL = "web", found.url
        settings.SMS_TOKEN = "x"
        yield found


@pytest.fixture
def lead(db: None) -> Member:
    return make.member("小美", user_id="U1", on=make.account())


def ticket(member: Member) -> str:
    return session.Customer(member, "liff").ticket


def ask(client: Client, member: Member, phone: str = "0912 345 678") -> str:
    data = {"ticket": ticket(member), "phone": phone}
    return client.post(URL, data).content.decode()


def code_in(standin: Standin) -> str:
    tasks.send_texts()
    found = re.search(r"驗證碼 (\d{6})", standin.calls[-1][2])
    assert found
    return found[1]


def confirm(client: Client, member: Member, code: str):  # type: ignore[no-untyped-def]
    data = {"ticket": ticket(member), "phone": PHONE, "code": code}
    return client.post(f"{URL}code/", data)


def test_somebody_of_the_stores_finds_their_record(
    client: Client, standin: Standin, lead: Member
) -> None:
    members.upsert([MemberIn(name="林小美", phone=PHONE)], now=clock.now())
    known = Member.objects.get(phone=PHONE)

    assert "0912 345 678" in ask(client, lead)
    answer = confirm(client, lead, code_in(standin))

    assert answer.url == "/m/card/?came=joined"
    card = client.get(answer.url).content.decode()
    assert "已找回您在門市的會員資料" in card
    assert "林小美" in card
    lead.refresh_from_db()
    assert lead.merged_into == known


def test_a_wrong_code_is_said_beside_the_field(
    client: Client, standin: Standin, lead: Member
) -> None:
    ask(client, lead)
    digits = code_in(standin)

    answer = confirm(client, lead, f"{(int(digits) + 1) % 10**6:06}")

    assert answer.status_code == 422
    assert "還可以試 4 次" in answer.content.decode()
    assert confirm(client, lead, digits).url == "/m/card/?came=added"


def test_a_number_that_is_none_and_a_code_too_soon_are_refused(
    client: Client, standin: Standin, lead: Member
) -> None:
    assert "再看一次有沒有打錯" in ask(client, lead, "12")
    ask(client, lead)
    assert "秒後可以再要一次" in ask(client, lead)


def test_without_a_gateway_a_person_is_offered(
    client: Client, settings: Settings, lead: Member
) -> None:
    settings.SMS_GATEWAY = ""

    assert "由專人協助" in ask(client, lead)


def test_a_number_of_another_line_goes_to_hq(
    client: Client, standin: Standin, lead: Member
) -> None:
    owner = make.member("甲", user_id="U2")
    members.claim_phone(owner, PHONE, now=clock.now())
    ask(client, lead)

    answer = confirm(client, lead, code_in(standin))

    assert answer.status_code == 422
    assert "另一個 LINE 帳號" in answer.content.decode()


def test_a_stranger_signs_in_first(client: Client, db: None) -> None:
    make.account()

    assert client.get(URL).status_code == 302
