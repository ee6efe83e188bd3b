"""The customer's page of what they want to hear."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from apps.core import clock
from apps.members import services as members
from apps.members.models import Consent, Member

pytestmark = pytest.mark.django_db
Phone = Callable[..., Client]


def on(member: Member) -> set[str]:
    stands = members.consent_of([member.pk])[member.pk]
    return {channel for (channel, _), said in stands.items() if said.is_granted}


def test_off_for_one_for_all_and_back_on(phone: Phone, siyu: Member) -> None:
    for channel in ("line", "sms", "email"):
        members.say(
            siyu, channel, "marketing", is_granted=True, source="bind", now=clock.now()
        )
    client = phone(siyu)
    assert client.get("/m/consents/").content.decode().count("已開啟") == 3
    client.post("/m/consents/say/", {"channel": "sms", "answer": "no"})
    client.post("/m/consents/say/", {"channel": "sms", "answer": "no"})
    assert on(siyu) == {"line", "email"}
    shown = client.post(
        "/m/consents/say/", {"channel": "all", "answer": "no"}, follow=True
    ).content.decode()
    assert "全部開啟" in shown
    assert on(siyu) == set()
    client.post("/m/consents/say/", {"channel": "line", "answer": "yes"})
    assert on(siyu) == {"line"}
    proof = Consent.objects.latest("pk")
    assert (proof.source, proof.notice) == ("member_page", members.NOTICE)


def test_a_stranger_goes_through_line(phone: Phone, siyu: Member) -> None:
    assert "consents" in phone().get("/m/consents/")["Location"]
    phone().post("/m/consents/say/", {"channel": "all", "answer": "no"})
    assert not Consent.objects.exists()


def test_a_made_up_channel_is_refused(phone: Phone, siyu: Member) -> None:
    answer = phone(siyu).post("/m/consents/say/", {"channel": "fax", "answer": "no"})
    assert answer.status_code == 422
