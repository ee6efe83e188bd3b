"""What strangers leave in the public form."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from apps.core import clock
from apps.core.errors import Refused
from apps.members import services as members
from apps.members.models import Consent, Inquiry, Lead, Member
from apps.members.services.inquiries import source_of
from tests import make

pytestmark = pytest.mark.django_db
ASKED = members.InquiryIn(
    name="蔡小姐", interest="婚宴洋裝", phone="0937-210-448", source="ig-bio"
)


def inquire(said: members.InquiryIn = ASKED, address: str = "1.2.3.4") -> Inquiry:
    return members.inquire(said, address=address, now=clock.now())


def test_a_stranger_becomes_a_lead_who_may_be_called() -> None:
    store = make.store()
    asked = inquire(replace(ASKED, store=store, note="週末試穿"))
    lead = Lead.objects.get()
    assert (lead.interest, lead.note, lead.store) == ("婚宴洋裝", "週末試穿", store)
    assert (lead.member.entry, asked.source, asked.phone) == (
        "form", "ig-bio", "+886937210448"
    )  # fmt: skip
    said = Consent.objects.get()
    assert (said.channel, said.purpose, said.notice) == (
        "phone", "service", members.NOTICE
    )  # fmt: skip
    inquire(replace(ASKED, interest="大衣"))
    assert Inquiry.objects.count() == 2
    assert Lead.objects.get().interest == "大衣"


def test_an_email_is_enough() -> None:
    asked = inquire(replace(ASKED, phone="", email="Kevin@Example.com "))
    assert asked.member.stage == "lead"
    assert asked.email == "kevin@example.com"


def test_a_member_stays_who_they_are_and_is_asked_nothing() -> None:
    siyu = make.member(stage="registered", registered_at=clock.now())
    members.link_key(siyu, "phone", "+886937210448", by=None, now=clock.now())
    asked = inquire()
    assert asked.member == siyu
    assert not Lead.objects.exists()
    assert not Consent.objects.exists()
    siyu.refresh_from_db()
    assert siyu.name != "蔡小姐"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (replace(ASKED, phone="12"), "phone"),
        (replace(ASKED, phone="", email=" "), "no_contact"),
    ],
)
def test_there_has_to_be_a_way_to_answer(said: members.InquiryIn, code: str) -> None:
    with pytest.raises(Refused) as caught:
        inquire(said)
    assert caught.value.code == code
    assert not Member.objects.exists()


def test_few_an_hour_come_from_one_address() -> None:
    for n in range(5):
        inquire(replace(ASKED, phone=f"091234567{n}"))
    with pytest.raises(Refused) as caught:
        inquire()
    assert caught.value.code == "often"
    assert "1.2.3.4" not in str(Inquiry.objects.values_list("sender", flat=True))
    inquire(address="5.6.7.8")
    inquire(address="")
    Inquiry.objects.update(at=clock.now() - timedelta(hours=2))
    inquire()


@pytest.mark.parametrize(
    ("word", "kept"),
    [
        ("ig-bio", "ig-bio"),
        ("IG_Bio ", "ig_bio"),
        ("", "form"),
        ("<script>", "form"),
        ("x" * 21, "form"),
        ("-x", "form"),
    ],
)
def test_the_word_of_a_link_is_a_word(word: str, kept: str) -> None:
    assert source_of(word) == kept
