"""From the QR to the card: every answer a customer can meet."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from apps.channels.models import Account
from apps.conversations.models import Conversation
from apps.core import clock
from apps.members import services as members
from apps.members.models import Binding, BindingCode, Consent, Identity, Member
from apps.staff import services as staff_services
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make

pytestmark = pytest.mark.django_db

Phone = Callable[..., Client]
DESK = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}


def answer(token: str, client: Client, **said: str) -> Any:
    """Fill in the page that asks, as the browser would."""
    shown = client.get(f"/b/{token}/confirm/").content.decode()
    found = re.search(r'name="ticket" value="([^"]+)"', shown)
    assert found
    data = {"ticket": found[1], "phone": "0912 345 678", "terms": "on", **said}
    return client.post(f"/b/{token}/confirm/", {k: v for k, v in data.items() if v})


def test_a_scan_on_a_phone_goes_to_line_afresh_each_time(
    phone: Phone, token: str, siyu: Member
) -> None:
    client = phone(siyu)
    first = client.get(f"/b/{token}/")
    second = client.get(f"/b/{token}/")
    assert first.status_code == second.status_code == 302
    assert "/oauth2/v2.1/authorize?" in first["Location"]
    assert "bot_prompt=aggressive" in first["Location"]
    assert "code_challenge_method=S256" in first["Location"]
    assert first["Location"] != second["Location"]


def test_a_scan_on_a_desk_shows_a_qr_and_the_other_way(
    client: Client, token: str
) -> None:
    shown = client.get(f"/b/{token}/", headers=DESK)
    page = shown.content.decode()
    assert shown.status_code == 200
    assert "<svg" in page
    assert token in page
    assert "/R/oaMessage/%40regulars/?" in page
    assert client.get(f"/b/{token}/?go=1", headers=DESK).status_code == 302


def test_a_framed_page_is_a_phone(client: Client, token: str) -> None:
    framed = DESK | {"Sec-Fetch-Dest": "iframe"}
    assert client.get(f"/b/{token}/", headers=framed).status_code == 302


def test_somebody_unknown_is_sent_to_sign_in(phone: Phone, token: str) -> None:
    response = phone().get(f"/b/{token}/confirm/")
    assert (response.status_code, response["Location"]) == (302, f"/b/{token}/")


def test_consent_and_phone_bind_and_show_the_card(
    phone: Phone, token: str, siyu: Member, yijun: Staff
) -> None:
    client = phone(siyu)
    response = answer(token, client)
    assert response["Location"] == "/m/card/?came=bound"
    card = client.get(response["Location"]).content.decode()
    assert "已綁定林怡君" in card
    assert 'class="barcode" width="286"' in card
    siyu.refresh_from_db()
    assert (siyu.stage, siyu.phone) == ("registered", "+886912345678")
    said = dict(Consent.objects.values_list("purpose", "is_granted"))
    assert said == {"terms": True, "marketing": False}
    binding = Binding.objects.get()
    assert (binding.staff, binding.source) == (yijun, "login")
    conversation = Conversation.objects.get()
    assert (conversation.desk, conversation.staff) == ("staff", yijun)
    assert conversation.messages.filter(facts__auto="welcome").count() == 1


def test_a_double_tap_binds_and_greets_once(
    phone: Phone, token: str, siyu: Member
) -> None:
    client = phone(siyu)
    shown = client.get(f"/b/{token}/confirm/").content.decode()
    found = re.search(r'name="ticket" value="([^"]+)"', shown)
    assert found
    data = {"ticket": found[1], "phone": "0912345678", "terms": "on"}
    came = [client.post(f"/b/{token}/confirm/", data)["Location"] for _tap in "12"]
    assert came == ["/m/card/?came=bound", "/m/card/?came=already"]
    assert Binding.objects.count() == 1
    assert Conversation.objects.get().messages.filter(direction="out").count() == 1


def test_scanning_the_same_again_shows_the_card(
    phone: Phone, token: str, siyu: Member
) -> None:
    client = phone(siyu)
    answer(token, client)
    response = client.get(f"/b/{token}/confirm/")
    assert response["Location"] == "/m/card/?came=already"
    assert "已經是您的專屬店員" in client.get(response["Location"]).content.decode()


def test_somebody_elses_code_asks_before_it_replaces(
    phone: Phone, token: str, siyu: Member, meiling: Staff, store: Store
) -> None:
    client = phone(siyu)
    answer(token, client)
    other = members.signed(members.binding_code(meiling, store, now=clock.now()))
    asked = client.get(f"/b/{other}/confirm/").content.decode()
    assert "目前由台北中山店的林怡君為您服務" in asked
    assert 'name="phone"' not in asked  # nobody is asked twice
    response = answer(other, client)
    assert response["Location"] == "/m/card/?came=replaced"
    assert Binding.objects.current().get().staff == meiling


def test_a_brand_that_keeps_the_first_says_so(
    phone: Phone,
    token: str,
    siyu: Member,
    meiling: Staff,
    store: Store,
    settings: Settings,
) -> None:
    settings.REBIND_POLICY = "keep"
    client = phone(siyu)
    answer(token, client)
    other = members.signed(members.binding_code(meiling, store, now=clock.now()))
    asked = client.get(f"/b/{other}/confirm/").content.decode()
    assert "您已經由台北中山店的林怡君服務" in asked
    assert 'name="ticket"' not in asked
    assert client.post(f"/b/{other}/confirm/")["Location"] == "/m/card/?came=kept"
    assert Binding.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"phone": "123"}, "再看一次有沒有打錯"),
        ({"phone": ""}, "請填一支"),
        ({"terms": ""}, "要先同意會員條款"),
    ],
)
def test_what_is_missing_is_said_beside_it(
    phone: Phone, token: str, siyu: Member, said: dict[str, str], words: str
) -> None:
    response = answer(token, phone(siyu), **said)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Binding.objects.exists()


def test_somebody_elses_phone_can_be_left_for_later(
    phone: Phone, token: str, siyu: Member
) -> None:
    other = make.member("別人")
    Identity.objects.create(
        member=other, kind="phone", value="+886912345678", created_at=clock.now()
    )
    client = phone(siyu)
    refused = answer(token, client)
    assert refused.status_code == 422
    assert "這支手機已經有會員資料" in refused.content.decode()
    assert 'name="later"' in refused.content.decode()
    assert not Consent.objects.exists()
    assert answer(token, client, later="1")["Location"] == "/m/card/?came=bound"
    siyu.refresh_from_db()
    assert (siyu.stage, siyu.phone) == ("registered", "")


def test_the_form_acts_for_whom_it_was_shown_to(
    phone: Phone, token: str, siyu: Member, line: Account
) -> None:
    client = phone(siyu)
    shown = client.get(f"/b/{token}/confirm/").content.decode()
    found = re.search(r'name="ticket" value="([^"]+)"', shown)
    assert found
    other = phone(make.member("別人", on=line))
    data = {"ticket": found[1], "phone": "0912345678", "terms": "on"}
    other.post(f"/b/{token}/confirm/", data)
    assert Binding.objects.get().member == siyu


def test_a_form_without_a_genuine_ticket_starts_again(
    phone: Phone, token: str, siyu: Member
) -> None:
    response = phone(siyu).post(
        f"/b/{token}/confirm/", {"ticket": "made:up", "phone": "0912345678"}
    )
    assert response["Location"] == f"/b/{token}/"
    assert not Binding.objects.exists()


@pytest.mark.parametrize("path", ["", "confirm/"])
def test_a_leavers_code_offers_the_stores_others(
    phone: Phone, code: BindingCode, siyu: Member, meiling: Staff, path: str
) -> None:
    staff_services.deactivate(code.staff, by=None, now=clock.now())
    response = phone(siyu).get(f"/b/{members.signed(code)}/{path}")
    page = response.content.decode()
    assert response.status_code == 422
    assert "林怡君目前不在台北中山店服務" in page
    assert "王美玲" in page


def test_a_revoked_code_is_gone(phone: Phone, code: BindingCode) -> None:
    members.revoke(code, by=None, now=clock.now())
    response = phone().get(f"/b/{members.signed(code)}/")
    assert response.status_code == 410
    assert "已經停用" in response.content.decode()


def test_a_forged_code_is_not_found(phone: Phone, line: Account, token: str) -> None:
    forged = token[:-1] + ("2" if token[-1] != "2" else "3")
    for path in ("", "confirm/", "others/"):
        client = phone(make.member(on=line))
        assert client.get(f"/b/{forged}/{path}").status_code == 404


def test_others_of_the_store_are_real_choices(
    phone: Phone, token: str, siyu: Member, meiling: Staff
) -> None:
    client = phone(siyu)
    page = client.get(f"/b/{token}/others/").content.decode()
    assert "王美玲" in page
    assert "林怡君" not in page
    assert 'href="/m/later/"' in page
    assert client.get("/m/later/").status_code == 200
    links = re.findall(r'href="(/b/[^"]+/confirm/)"', page)
    assert len(links) == 1
    assert "讓王美玲為您服務" in client.get(links[0]).content.decode()


def test_who_is_no_friend_is_told_and_stays_bound(
    phone: Phone, token: str, siyu: Member
) -> None:
    siyu.identities.update(friend="unknown")
    client = phone(siyu)
    answer(token, client)
    card = client.get("/m/card/").content.decode()
    assert "還不是好友" in card
    assert "/R/ti/p/%40regulars" in card
    assert Binding.objects.current().count() == 1


def test_the_customer_may_unbind(phone: Phone, token: str, siyu: Member) -> None:
    client = phone(siyu)
    answer(token, client)
    response = client.post("/m/unbind/")
    assert response["Location"] == "/m/card/?came=unbound"
    assert "之後由總部客服回覆您" in client.get(response["Location"]).content.decode()
    assert not Binding.objects.current().exists()
    assert Conversation.objects.get().desk == "hq"
    assert phone().post("/m/unbind/")["Location"] == "/m/card/"


def test_a_customers_cookie_is_nobodys_staff_session(
    phone: Phone, siyu: Member
) -> None:
    client = phone(siyu)
    for path in ("/admin/", "/hq/", "/helper/"):
        response = client.get(path)
        assert response.status_code in {302, 404}


def test_a_cookie_that_was_tampered_with_is_nobody(
    phone: Phone, token: str, siyu: Member
) -> None:
    client = phone(siyu)
    client.cookies["member"] = client.cookies["member"].value[:-2] + "xx"
    assert client.get(f"/b/{token}/confirm/")["Location"] == f"/b/{token}/"
    assert client.get("/m/card/").status_code == 302
