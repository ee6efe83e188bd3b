"""The leads that a salesperson was given: called, noted, won."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from apps.core import clock
from apps.members import services as members
from apps.members.models import Binding, Lead, Member
from apps.staff.models import Staff
from apps.stores.models import Store

pytestmark = pytest.mark.django_db
As = Callable[[Staff], Client]


@pytest.fixture
def tsai(hq: Staff, lin: Staff, store: Store) -> Member:
    asked = members.InquiryIn("蔡小姐", "婚宴洋裝", phone="0937210448", source="ig")
    lead = members.inquire(asked, address="", now=clock.now()).member
    members.assign_leads([lead.pk], lin, store, by=hq, now=clock.now())
    return lead


def test_an_assigned_lead_is_a_todo_and_in_the_list(
    as_: As, lin: Staff, wang: Staff, chen: Staff, tsai: Member
) -> None:
    client = as_(lin)
    today = client.get("/helper/").content.decode()
    assert "想了解「婚宴洋裝」" in today
    shown = client.get("/helper/leads/").content.decode()
    assert "tel:+886937210448" in shown
    assert "婚宴洋裝" in shown
    assert "蔡小姐" in as_(wang).get("/helper/leads/").content.decode()
    assert "蔡小姐" not in as_(chen).get("/helper/leads/").content.decode()
    url = f"/helper/leads/{tsai.pk}/move/"
    assert as_(chen).post(url, {"act": "contacted"}).status_code == 404


def test_what_was_done_is_noted(as_: As, lin: Staff, tsai: Member) -> None:
    client, url = as_(lin), f"/helper/leads/{tsai.pk}/move/"
    assert client.post(url, {"act": "contacted"}).status_code == 302
    assert Lead.objects.get().state == "contacted"
    assert "婚宴洋裝" not in client.get("/helper/").content.decode()
    assert client.post(url, {"act": "converted"}).status_code == 422
    client.post(url, {"act": "closed"})
    assert "沒有等你聯絡的人" in client.get("/helper/leads/").content.decode()


def test_who_is_won_is_bound_to_who_won_them(
    as_: As, lin: Staff, store: Store, tsai: Member
) -> None:
    client, url = as_(lin), f"/helper/leads/{tsai.pk}/register/"
    assert "蔡小姐" in client.get(url).content.decode()
    said = {"name": "蔡宜庭", "phone": "0937210448"}
    assert client.post(url, said).status_code == 422
    answer = client.post(url, said | {"terms": "on"})
    assert answer["Location"] == f"/helper/customers/{tsai.pk}/"
    tsai.refresh_from_db()
    assert (tsai.stage, tsai.name) == ("registered", "蔡宜庭")
    bond = Binding.objects.get()
    assert (bond.staff, bond.store, bond.source) == (lin, store, "lead")
    assert Lead.objects.get().state == "converted"
    assert client.get(url).status_code == 404


def test_a_number_of_somebody_else_is_refused_in_words(
    as_: As, lin: Staff, siyu: Member, tsai: Member
) -> None:
    members.link_key(siyu, "phone", "+886911111111", by=None, now=clock.now())
    said = {"name": "蔡宜庭", "phone": "0911111111", "terms": "on"}
    answer = as_(lin).post(f"/helper/leads/{tsai.pk}/register/", said)
    assert answer.status_code == 422
    assert "已經有會員資料" in answer.content.decode()
    assert not Binding.objects.filter(member=tsai).exists()
