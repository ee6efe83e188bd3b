"""Signing in and the second factor, in the look of the house."""

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client

from apps.staff.models import Staff

PASSWORD = "believable-7-words"

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Staff:
    cache.clear()  # the limits on tries are kept there
    return Staff.objects.create_user("A01", PASSWORD, name="許雅筑", role="admin")


@pytest.fixture
def signed_in(client: Client, person: Staff) -> Client:
    answer = client.post("/account/login/", {"login": "A01", "password": PASSWORD})
    assert answer.status_code == 302
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


def html(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    page = answer.content.decode()
    assert 'class="entry-page"' in page
    assert " style=" not in page
    return page


def test_the_sign_in_page_asks_for_the_code(client: Client) -> None:
    page = html(client, "/account/login/")
    assert "員工編號" in page
    assert "sign up" not in page.lower()


def test_the_bare_address_leads_each_to_their_page(
    client: Client, person: Staff
) -> None:
    assert client.get("/", follow=True).redirect_chain == [("/account/login/", 302)]
    client.force_login(person)
    chain = client.get("/", follow=True).redirect_chain
    assert [place for place, _status in chain] == ["/account/login/", "/hq/"]


def test_a_wrong_password_is_told_beside_the_form(
    client: Client, person: Staff
) -> None:
    answer = client.post("/account/login/", {"login": "A01", "password": "wrong"})
    assert "banner--bad" in answer.content.decode()


def test_an_authenticator_is_activated_and_asked_for(
    signed_in: Client, person: Staff
) -> None:
    assert "驗證 App" in html(signed_in, "/account/2fa/")
    assert "data:image/svg" in html(signed_in, "/account/2fa/totp/activate/")
    secret = signed_in.session["mfa.totp.secret"]
    code = totp.format_hotp_value(
        totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time())))
    )
    signed_in.post("/account/2fa/totp/activate/", {"code": code})
    assert "備用碼" in html(signed_in, "/account/2fa/recovery-codes/")
    html(signed_in, "/account/2fa/recovery-codes/generate/")
    html(signed_in, "/account/2fa/totp/deactivate/")
    other = Client()
    other.post("/account/login/", {"login": "A01", "password": PASSWORD})
    assert "驗證碼" in html(other, "/account/2fa/authenticate/")


@pytest.mark.parametrize(
    "path",
    [
        "/account/logout/",
        "/account/password/change/",
        "/account/reauthenticate/",
        "/account/2fa/webauthn/",
        "/account/2fa/webauthn/add/",
    ],
)
def test_the_other_pages_of_an_account_open(signed_in: Client, path: str) -> None:
    html(signed_in, path)


def test_the_admin_wears_the_tokens_and_leads_back(signed_in: Client) -> None:
    page = signed_in.get("/admin/").content.decode()
    assert "css/admin.css" in page
    assert "js/theme.js" in page


def test_an_unknown_address_is_told_in_the_house_look(client: Client) -> None:
    answer = client.get("/nothing-lives-here/")
    assert answer.status_code == 404
    assert 'class="entry-page"' in answer.content.decode()
