"""What HQ writes on a member's page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from apps.core import clock
from apps.members import services as members
from apps.members.models import Consent, Member, Note
from apps.staff.models import Staff
from tests import make

pytestmark = pytest.mark.django_db
As = Callable[[Staff], Client]


def test_hq_writes_down_a_no_with_its_reason(as_: As, hq: Staff, siyu: Member) -> None:
    url = f"/hq/members/{siyu.pk}/consents/"
    form = {"channel": "sms", "purpose": "marketing", "answer": "no"}
    assert as_(hq).post(url, form).status_code == 422
    assert as_(hq).post(url, form | {"reason": "來電要求"}).status_code == 302
    said = Consent.objects.get(channel="sms")
    assert (said.is_granted, said.said_by, said.source) == (False, hq, "hq")
    shown = as_(hq).get(f"/hq/members/{siyu.pk}/").content.decode()
    assert "來電要求" in shown
    assert "總部代為登錄" in shown


def test_notes_are_written_pinned_and_taken_away(
    as_: As, hq: Staff, siyu: Member
) -> None:
    client, page = as_(hq), f"/hq/members/{siyu.pk}/"
    assert "還沒有備註" in client.get(page).content.decode()
    client.post(f"{page}notes/", {"text": "<b>怕刺</b>"})
    note = Note.objects.get()
    shown = client.get(page).content.decode()
    assert "&lt;b&gt;怕刺" in shown
    assert "修改" in shown
    client.post(f"/hq/notes/{note.pk}/", {"act": "pin"})
    assert "取消置頂" in client.get(page).content.decode()
    client.post(f"/hq/notes/{note.pk}/", {"act": "hide"})
    assert "怕刺" not in client.get(page).content.decode()
    assert client.post(f"/hq/notes/{note.pk}/", {"act": "fly"}).status_code == 422


def test_a_note_of_somebody_elses_customer_is_out_of_reach(
    as_: As, hq: Staff, lin: Staff, siyu: Member
) -> None:
    stranger = make.member("別家客")
    note = members.write_note(stranger, "給總部", by=hq, now=clock.now())
    client = as_(lin)
    assert client.post(f"/helper/notes/{note.pk}/", {"act": "hide"}).status_code == 404
    url = f"/helper/customers/{stranger.pk}/notes/"
    assert client.post(url, {"text": "x"}).status_code == 404


def test_a_salesperson_notes_on_their_own_customer(
    as_: As, lin: Staff, siyu: Member
) -> None:
    client, page = as_(lin), f"/helper/customers/{siyu.pk}/"
    assert client.post(f"{page}notes/", {"text": "週末到店"}).status_code == 302
    assert "週末到店" in client.get(page).content.decode()
