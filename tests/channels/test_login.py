"""LINE Login against the stand-in: the whole way, and every way to cheat."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pytest_django import Settings

from apps.channels.line import login
from apps.channels.models import Account
from apps.core.errors import Refused
from tests.line_platform import LinePlatform
from tests.processes import free_ports

BACK = "https://brand.example/m/login/"
VERIFIER = "v" * 43
NONCE = "n-0S6_WzA2Mj"


@pytest.fixture
def account(line_platform: LinePlatform) -> Account:
    return line_platform.account(callback_urls=[BACK])


def consent(platform: LinePlatform, url: str, user_id: str, *, befriend: bool) -> str:
    """Say yes on LINE's page, on the person's phone; return the callback's URL."""
    with httpx.Client(timeout=30, follow_redirects=True) as phone:
        phone.get(f"{platform.url}/phone/{user_id}/")
        asked = {name: value[0] for name, value in _query(url).items()}
        phone.get(url)
        form = {**asked, "agree": "1", **({"befriend": "on"} if befriend else {})}
        token = phone.cookies.get("csrf", "")
        answer = phone.post(
            url.split("?")[0],
            data={**form, "csrfmiddlewaretoken": token},
            headers={"Referer": url},
            follow_redirects=False,
        )
    assert answer.status_code == 302, answer.text[:500]
    return answer.headers["location"]


def _query(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)


def page(account: Account) -> str:
    return login.authorize_url(
        account, redirect_uri=BACK, state="s-1", nonce=NONCE, verifier=VERIFIER
    )


def code_for(platform: LinePlatform, account: Account, user: str) -> str:
    back = _query(consent(platform, page(account), user, befriend=False))
    assert back["state"] == ["s-1"]
    return back["code"][0]


def exchange(account: Account, code: str, /, **changes: str) -> login.LineUser:
    given = {
        "redirect_uri": BACK, "verifier": VERIFIER, "nonce": NONCE, "code": code,
        **changes,
    }  # fmt: skip
    return login.exchange(account, **given)


def test_a_person_signs_in(line_platform: LinePlatform, account: Account) -> None:
    user = line_platform.person(name="陳思妤", friend="none")

    who = exchange(account, code_for(line_platform, account, user))

    assert (who.user_id, who.name) == (user, "陳思妤")
    assert not login.is_friend(who.access_token)


def test_a_person_becomes_a_friend_on_the_way(
    line_platform: LinePlatform, account: Account
) -> None:
    user = line_platform.person(friend="none")
    back = _query(consent(line_platform, page(account), user, befriend=True))

    who = exchange(account, back["code"][0])

    assert back["friendship_status_changed"] == ["true"]
    assert login.is_friend(who.access_token)


@pytest.mark.parametrize(
    "changes",
    [
        {"verifier": "w" * 43},
        {"redirect_uri": "https://brand.example/other/"},
        {"nonce": "another"},
        {"code": "made-up"},
    ],
)
def test_a_code_that_was_not_meant_for_us_is_refused(
    line_platform: LinePlatform, account: Account, changes: dict[str, str]
) -> None:
    code = code_for(line_platform, account, line_platform.person())

    with pytest.raises(Refused) as refused:
        exchange(account, code, **changes)

    assert refused.value.code == "line_login"


def test_a_code_is_good_once(line_platform: LinePlatform, account: Account) -> None:
    code = code_for(line_platform, account, line_platform.person())
    exchange(account, code)

    with pytest.raises(Refused):
        exchange(account, code)


@pytest.mark.parametrize("token", ["", "a.b.c", "晴川", "e30.e30.e30"])
def test_a_made_up_id_token_is_refused(
    line_platform: LinePlatform, account: Account, token: str
) -> None:
    with pytest.raises(Refused) as refused:
        login.verify_id_token(account, token)

    assert refused.value.code == "line_login"


def test_line_out_of_reach_says_so(settings: Settings) -> None:
    settings.LINE_API_HOST = f"http://127.0.0.1:{free_ports(1)[0]}"

    with pytest.raises(Refused) as refused:
        login.verify_id_token(Account(login_channel_id="1"), "token")

    assert refused.value.code == "line_unreachable"


def test_a_made_up_access_token_tells_nothing(line_platform: LinePlatform) -> None:
    with pytest.raises(Refused):
        login.is_friend("made-up")


def test_the_page_carries_state_nonce_and_the_challenge(
    settings: Settings,
) -> None:
    settings.LINE_LOGIN_HOST = "https://access.line.me"
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636, appendix B

    url = login.authorize_url(
        Account(login_channel_id="1650000002"),
        redirect_uri=BACK,
        state="s 1",
        nonce=NONCE,
        verifier=verifier,
    )

    assert url.startswith("https://access.line.me/oauth2/v2.1/authorize?")
    assert {name: value[0] for name, value in _query(url).items()} == {
        "response_type": "code",
        "client_id": "1650000002",
        "redirect_uri": BACK,
        "state": "s 1",
        "scope": "profile openid",
        "nonce": NONCE,
        "bot_prompt": "aggressive",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }


def test_the_addresses_that_open_line(settings: Settings) -> None:
    settings.LINE_WEB_HOST = "https://line.me"
    settings.LINE_LIFF_HOST = "https://liff.line.me"
    account = Account(basic_id="@qingchuan", liff_id="165-abc")
    bare = Account(basic_id="qingchuan")
    chat = "https://line.me/R/oaMessage/%40qingchuan/?%E7%B6%81%E5%AE%9A%20A1"

    assert login.prefilled_url(account, "綁定 A1") == chat
    assert login.prefilled_url(bare, "綁定 A1") == chat
    assert login.add_friend_url(bare) == "https://line.me/R/ti/p/%40qingchuan"
    assert login.liff_url(account) == "https://liff.line.me/165-abc"
    assert login.liff_url(account, "/m/card/?a=1") == (
        "https://liff.line.me/165-abc/m/card/?a=1"
    )
