"""Through LINE Login and LIFF with the stand-in, and every way that can fail."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.test import Client
from pytest_django import Settings

from apps.channels.models import Account
from apps.core import clock
from apps.members import services as members
from apps.members.models import BindingCode, Identity, Member
from tests import make
from tests.line_platform import LinePlatform

pytestmark = pytest.mark.django_db(transaction=True)

Phone = Callable[..., Client]
HOST = "http://127.0.0.1:8000"


@pytest.fixture
def line(line_platform: LinePlatform, settings: Settings) -> Account:
    settings.PUBLIC_URL = HOST
    return line_platform.account(
        callback_urls=[f"{HOST}/m/login/"], liff_endpoint_url=f"{HOST}/m/liff/"
    )


@pytest.fixture
def code(line: Account) -> BindingCode:
    store = make.store("台北中山店")
    staff = make.staff("林怡君", at=store)
    return members.binding_code(staff, store, now=clock.now())


@pytest.fixture
def token(code: BindingCode) -> str:
    return members.signed(code)


def at_line(platform: LinePlatform, url: str, user_id: str, **said: str) -> str:
    """Answer LINE's page on the person's own phone; return where it leads."""
    with httpx.Client(timeout=30, follow_redirects=True) as phone:
        phone.get(f"{platform.url}/phone/{user_id}/")
        phone.get(url)
        asked = {key: value[0] for key, value in parse_qs(urlsplit(url).query).items()}
        answer = phone.post(
            url.split("?")[0],
            data={**asked, **said, "csrfmiddlewaretoken": phone.cookies["csrf"]},
            headers={"Referer": url},
            follow_redirects=False,
        )
    return answer.headers["location"]


def local(url: str) -> str:
    assert url.startswith(HOST), url
    return url.removeprefix(HOST)


def test_a_scan_through_line_login_asks_for_consent(
    phone: Phone, line_platform: LinePlatform, token: str
) -> None:
    user_id = line_platform.person(name="思妤", friend="none")
    client = phone()
    url = client.get(f"/b/{token}/")["Location"]
    back = at_line(line_platform, url, user_id, agree="1", befriend="on")
    response = client.get(local(back))
    assert response["Location"] == f"/b/{token}/confirm/"
    asked = client.get(response["Location"])
    assert "讓林怡君為您服務" in asked.content.decode()
    identity = Identity.objects.get(value=user_id)
    assert (identity.friend, identity.member.entry) == ("friend", "qr")
    assert identity.member.nickname == "思妤"
    again = client.get(local(back))
    assert again.status_code == 422
    assert "逾時" in again.content.decode()


def test_two_phones_in_one_browser_do_not_mix(
    phone: Phone, line_platform: LinePlatform, token: str
) -> None:
    people = [line_platform.person(name=name) for name in ("思妤", "小美")]
    client = phone()
    urls = [client.get(f"/b/{token}/")["Location"] for _person in people]
    backs = [
        at_line(line_platform, url, person, agree="1")
        for url, person in zip(urls, people, strict=True)
    ]
    for back in backs:
        assert client.get(local(back)).status_code == 302
    assert Member.objects.filter(nickname__in=["思妤", "小美"]).count() == 2


def test_who_says_no_to_line_may_try_again_or_send_a_message(
    phone: Phone, line_platform: LinePlatform, token: str
) -> None:
    client = phone()
    url = client.get(f"/b/{token}/")["Location"]
    back = at_line(line_platform, url, line_platform.person(), refuse="1")
    assert "error=access_denied" in back
    response = client.get(local(back))
    page = response.content.decode()
    assert response.status_code == 422
    assert f"/b/{token}/?go=1" in page
    assert "/R/oaMessage/" in page
    assert not Member.objects.exists()


@pytest.mark.parametrize(
    "query", ["", "?code=1", "?code=x&state=made-up", "?error=server_error", "?state=é"]
)
def test_a_callback_nobody_started_is_a_friendly_page(
    phone: Phone, line: Account, query: str
) -> None:
    response = phone().get(f"/m/login/{query}")
    assert response.status_code == 422
    assert "/m/card/" in response.content.decode()


def test_an_expired_sign_in_knows_where_to_start_again(
    phone: Phone, line: Account, token: str
) -> None:
    url = phone().get(f"/b/{token}/")["Location"]
    state = parse_qs(urlsplit(url).query)["state"][0]
    page = phone().get("/m/login/", {"state": state, "code": "x"}).content.decode()
    assert f"/b/{token}/?go=1" in page


def test_a_code_line_does_not_know_is_refused(
    phone: Phone, line: Account, token: str
) -> None:
    client = phone()
    url = client.get(f"/b/{token}/")["Location"]
    state = parse_qs(urlsplit(url).query)["state"][0]
    response = client.get("/m/login/", {"state": state, "code": "stolen"})
    assert response.status_code == 422
    assert "member" not in response.cookies


def test_line_out_of_reach_is_said(
    phone: Phone, line: Account, token: str, settings: Settings
) -> None:
    settings.LINE_API_HOST = "http://127.0.0.1:1"
    client = phone()
    url = client.get(f"/b/{token}/")["Location"]
    state = parse_qs(urlsplit(url).query)["state"][0]
    response = client.get("/m/login/", {"state": state, "code": "x"})
    assert "目前連不上 LINE" in response.content.decode()


def test_liff_signs_in_by_the_id_token(
    phone: Phone, line_platform: LinePlatform, line: Account, token: str
) -> None:
    user_id = line_platform.person(name="思妤")
    with httpx.Client(timeout=30, follow_redirects=False) as device:
        device.get(f"{line_platform.url}/phone/{user_id}/")
        liff = f"{line_platform.url}/liff/{line.liff_id}/b/{token}/"
        device.get(liff)
        opened = device.post(
            liff,
            data={"agree": "1", "csrfmiddlewaretoken": device.cookies["csrf"]},
            headers={"Referer": liff},
        ).headers["location"]
    page, _hash, fragment = local(opened).partition("#")
    client = phone()
    shown = client.get(page).content.decode()
    assert f'name="asked" value="/b/{token}/"' in shown
    assert line.liff_id in shown
    id_token = parse_qs(fragment)["id_token"][0]
    response = client.post(
        "/m/session/", {"asked": f"/b/{token}/", "id_token": id_token}
    )
    assert response["Location"] == f"/b/{token}/confirm/"
    assert "讓林怡君為您服務" in client.get(response["Location"]).content.decode()
    assert Identity.objects.get().value == user_id


def test_a_made_up_id_token_signs_nobody_in(
    phone: Phone, line: Account, token: str
) -> None:
    client = phone()
    response = client.post("/m/session/", {"asked": "/", "id_token": "a.b.c"})
    assert response.status_code == 422
    assert "member" not in response.cookies


def test_liff_leads_nowhere_but_to_our_own_pages(phone: Phone, line: Account) -> None:
    page = phone().get("/m/liff/", {"liff.state": "//evil.example/"}).content.decode()
    assert 'value="//evil.example/"' in page  # what was asked is only ever a target
    assert phone().get(f"/m/liff/b/{'x' * 90}/").status_code == 200
