"""LINE Login and LIFF: the code flow, the id token, the friendship, the fragment."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from apps.core import clock
from apps.simulator import identity
from apps.simulator.identity import Grant
from apps.simulator.models import Friendship, LoginCode, OfficialAccount, Person

BACK = "http://127.0.0.1:8000/m/login/back/"
VERIFIER = "v" * 43
State = Friendship.State


def asking(account: OfficialAccount, **more: str) -> dict[str, str]:
    return {
        "response_type": "code",
        "client_id": account.login_channel_id,
        "redirect_uri": BACK,
        "state": "st4te",
        "scope": "openid profile",
        "nonce": "n0nce",
        **more,
    }


def phone(person: Person) -> Client:
    client = Client()
    client.get(f"/phone/{person.user_id}/")
    return client


def agreed(account: OfficialAccount, person: Person, **more: str) -> dict[str, str]:
    answer = phone(person).post(
        "/oauth2/v2.1/authorize", asking(account, agree="1", **more)
    )
    assert answer.status_code == 302
    return query_of(answer["Location"])


def query_of(url: str) -> dict[str, str]:
    return {name: found[0] for name, found in parse_qs(urlsplit(url).query).items()}


def exchange(account: OfficialAccount, code: str, **more: str) -> Any:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "client_id": account.login_channel_id,
        "client_secret": account.login_channel_secret,
        **more,
    }
    return Client().post("/oauth2/v2.1/token", form)


def verify(account: OfficialAccount, id_token: str, **more: str) -> Any:
    form = {"id_token": id_token, "client_id": account.login_channel_id, **more}
    return Client().post("/oauth2/v2.1/verify", form)


def test_the_code_flow_ends_in_a_verified_id_token(
    account: OfficialAccount, friend: Person
) -> None:
    shown = phone(friend).get("/oauth2/v2.1/authorize", asking(account))
    assert "同意" in shown.content.decode()
    back = agreed(account, friend)
    assert back["state"] == "st4te"
    tokens = exchange(account, back["code"]).json()
    claims = verify(account, tokens["id_token"], nonce="n0nce").json()
    assert claims["iss"] == "https://access.line.me"
    assert claims["sub"] == friend.user_id
    assert claims["aud"] == account.login_channel_id
    assert claims["name"] == friend.name
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    told = Client().get("/v2/profile", headers=bearer).json()
    assert told["userId"] == friend.user_id
    flag = Client().get("/friendship/v1/status", headers=bearer).json()
    assert flag == {"friendFlag": True}
    assert Client().get("/v2/profile").status_code == 401


def test_a_code_works_once_for_ten_minutes_and_for_its_own_page(
    account: OfficialAccount, friend: Person
) -> None:
    code = agreed(account, friend)["code"]
    elsewhere = exchange(account, code, redirect_uri="http://127.0.0.1:8000/other/")
    assert elsewhere.json()["error"] == "invalid_grant"
    assert exchange(account, code).status_code == 200
    assert exchange(account, code).json()["error"] == "invalid_grant"
    late = agreed(account, friend)["code"]
    LoginCode.objects.update(created_at=clock.now() - timedelta(minutes=11))
    assert exchange(account, late).json()["error"] == "invalid_grant"


def test_a_challenge_must_be_proved(account: OfficialAccount, friend: Person) -> None:
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    more = {"code_challenge": challenge, "code_challenge_method": "S256"}
    code = agreed(account, friend, **more)["code"]
    assert exchange(account, code, code_verifier="wrong").status_code == 400
    assert exchange(account, code, code_verifier=VERIFIER).status_code == 200


def test_adding_the_account_is_offered_and_reported(
    account: OfficialAccount, befriended: Callable[..., Person]
) -> None:
    stranger = befriended(state=State.NONE)
    back = agreed(account, stranger, bot_prompt="aggressive", befriend="1")
    assert back["friendship_status_changed"] == "true"
    assert Friendship.objects.get(person=stranger).is_friend


def test_declining_comes_back_without_a_code(
    account: OfficialAccount, friend: Person
) -> None:
    form = asking(account, decline="1")
    answer = phone(friend).post("/oauth2/v2.1/authorize", form)
    assert query_of(answer["Location"])["error"] == "access_denied"


def test_without_a_phone_one_is_chosen_first(
    account: OfficialAccount, friend: Person
) -> None:
    client = Client()
    answer = client.get("/oauth2/v2.1/authorize", asking(account))
    assert answer["Location"].startswith("/?next=")
    wall = client.get(answer["Location"]).content.decode()
    assert f"/phone/{friend.user_id}/?next=" in wall
    after = query_of(answer["Location"])["next"]
    chosen = client.get(f"/phone/{friend.user_id}/", {"next": after})
    assert chosen["Location"] == after


BAD = {
    "channel": {"client_id": "1"},
    "type": {"response_type": "token"},
    "address": {"redirect_uri": "javascript:alert(1)"},
    "state": {"state": ""},
    "scope": {"scope": "email"},
    "challenge": {"code_challenge": "x", "code_challenge_method": "plain"},
}


@pytest.mark.parametrize("wrong", BAD.values(), ids=BAD)
def test_a_bad_request_is_shown_and_not_sent_back(
    account: OfficialAccount, friend: Person, wrong: dict[str, str]
) -> None:
    answer = phone(friend).get("/oauth2/v2.1/authorize", asking(account, **wrong))
    assert answer.status_code == 400


def test_only_registered_pages_are_returned_to(
    account: OfficialAccount, friend: Person
) -> None:
    account.callback_urls = ["https://example.com/back"]
    account.save()
    answer = phone(friend).get("/oauth2/v2.1/authorize", asking(account))
    assert answer.status_code == 400


def test_an_id_token_is_refused_in_lines_words(
    account: OfficialAccount, friend: Person
) -> None:
    grant = Grant(account, friend, "openid")
    good = identity.id_token(grant, now=clock.now(), nonce="n")
    old = identity.id_token(grant, now=clock.now() - timedelta(hours=2))
    cases = {
        "IdToken expired.": verify(account, old),
        "Invalid IdToken.": verify(account, good[:-4] + "AAAA"),
        "Invalid IdToken Nonce.": verify(account, good, nonce="other"),
        "Invalid IdToken Subject Identifier.": verify(account, good, user_id="U1"),
    }
    for words, answer in cases.items():
        assert answer.status_code == 400
        assert answer.json()["error_description"] == words
    account.login_channel_id = "1"
    assert verify(account, good).status_code == 400


def test_a_liff_address_carries_its_rest_and_the_persons_token(
    account: OfficialAccount, friend: Person
) -> None:
    account.liff_endpoint_url = "http://127.0.0.1:8000/m/"
    account.save()
    client, path = phone(friend), f"/liff/{account.liff_id}/bind?s=abc"
    first = client.get(path)
    assert "同意" in first.content.decode()
    opened = client.post(path, {"agree": "1"})
    url, _, fragment = opened["Location"].partition("#")
    assert url.startswith("http://127.0.0.1:8000/m/?")
    assert query_of(url) == {"liff.state": "/bind?s=abc"}
    tokens = {name: found[0] for name, found in parse_qs(fragment).items()}
    assert verify(account, tokens["id_token"]).json()["sub"] == friend.user_id
    again = client.get(path)
    assert again.status_code == 302


def test_outside_a_phone_a_liff_address_brings_no_token(
    account: OfficialAccount,
) -> None:
    account.liff_endpoint_url = "http://127.0.0.1:8000/m/"
    account.save()
    answer = Client().get(f"/liff/{account.liff_id}")
    assert answer["Location"] == "http://127.0.0.1:8000/m/"


def test_the_sdk_is_served(db: None) -> None:
    answer = Client().get("/liff/sdk.js")
    assert "window.liff" in answer.content.decode()
