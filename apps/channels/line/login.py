"""Bring a person to us through LINE: sign-in, friendship, addresses that open LINE.

The SDK does not cover LINE Login. An id token is never read here: LINE's own verify
endpoint reads it, for tokens of the web are signed with the channel's secret and those
of LIFF with LINE's key.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import os
import re
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import quote, urlencode

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from apps.channels.models import Account
from apps.core.errors import Refused

TIMEOUT = httpx.Timeout(8.0, connect=3.05)
SCOPE = "profile openid"
USER_ID = re.compile(r"U[0-9a-f]{32}")


@dataclass(frozen=True)
class LineUser:
    """Whom LINE says it is; `access_token` asks for more about them (friendship)."""

    user_id: str
    name: str
    picture_url: str
    email: str = ""
    access_token: str = ""


def authorize_url(
    account: Account,
    *,
    redirect_uri: str,
    state: str,
    nonce: str,
    verifier: str,
    bot_prompt: Literal["normal", "aggressive"] = "aggressive",
) -> str:
    """Return LINE's page to send the person to.

    `verifier` is the secret of PKCE (RFC 7636, 43 to 128 characters) that `exchange`
    must show; `bot_prompt` offers to add the account as a friend on the way.
    """
    digest = hashlib.sha256(verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": account.login_channel_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "scope": SCOPE,
        "nonce": nonce,
        "bot_prompt": bot_prompt,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    return f"{settings.LINE_LOGIN_HOST}/oauth2/v2.1/authorize?{urlencode(query)}"


def exchange(
    account: Account, *, code: str, redirect_uri: str, verifier: str, nonce: str
) -> LineUser:
    """Turn the code of the callback into the person.

    Raises Refused: "line_login" where LINE does not honour it, "line_unreachable".
    """
    tokens = _post(
        "/oauth2/v2.1/token",
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": account.login_channel_id,
            "client_secret": account.login_channel_secret,
            "code_verifier": verifier,
        },
    )
    user = verify_id_token(account, str(tokens.get("id_token", "")), nonce=nonce)
    return replace(user, access_token=str(tokens.get("access_token", "")))


def verify_id_token(
    account: Account, token: str, *, nonce: str | None = None
) -> LineUser:
    """Ask LINE whom the id token names. A user id that a page posts is not believed.

    Raises Refused: "line_login", "line_unreachable".
    """
    question = {"id_token": token, "client_id": account.login_channel_id}
    if nonce is not None:
        question["nonce"] = nonce
    claims = _post("/oauth2/v2.1/verify", question)
    user_id = str(claims.get("sub", ""))
    is_for_us = str(claims.get("aud", "")) == account.login_channel_id
    if not is_for_us or not USER_ID.fullmatch(user_id):
        raise _not_completed()
    if nonce is not None and not hmac.compare_digest(
        str(claims.get("nonce", "")).encode(), nonce.encode()
    ):
        raise _not_completed()
    return LineUser(
        user_id=user_id,
        name=str(claims.get("name", "")),
        picture_url=str(claims.get("picture", "")),
        email=str(claims.get("email", "")),
    )


def is_friend(access_token: str) -> bool:
    """Tell whether the signed-in person is a friend of the linked account.

    Raises Refused: "line_login", "line_unreachable".
    """
    answer = _call(
        "GET",
        "/friendship/v1/status",
        headers={"Authorization": f"Bearer {access_token}"},
    )
    return answer.get("friendFlag") is True


def prefilled_url(account: Account, text: str) -> str:
    """Return the address of the account's chat with the text typed in, not yet sent."""
    chat = f"{settings.LINE_WEB_HOST}/R/oaMessage/{_id_of(account)}/"
    return f"{chat}?{quote(text, safe='')}"


def add_friend_url(account: Account) -> str:
    """Return the address that offers the account as a friend, or opens its chat."""
    return f"{settings.LINE_WEB_HOST}/R/ti/p/{_id_of(account)}"


def liff_url(account: Account, path: str = "") -> str:
    """Return the address of a page inside LINE; `path` continues the endpoint URL."""
    page = f"{settings.LINE_LIFF_HOST}/{account.liff_id}"
    return f"{page}/{path.lstrip('/')}" if path else page


def _post(path: str, fields: dict[str, str]) -> dict[str, Any]:
    return _call("POST", path, data=fields)


def _call(method: str, path: str, **request: Any) -> dict[str, Any]:
    client = _client(settings.LINE_API_HOST, os.getpid())
    try:
        answer = client.request(method, path, **request)
    except httpx.HTTPError as error:
        raise _unreachable() from error
    if answer.status_code >= 500:
        raise _unreachable()
    try:
        facts = answer.json()
    except ValueError as error:
        raise _unreachable() from error
    if answer.status_code != 200 or not isinstance(facts, dict):
        raise _not_completed()
    return facts


@functools.lru_cache(maxsize=4)
def _client(host: str, process: int) -> httpx.Client:
    return httpx.Client(base_url=host, timeout=TIMEOUT)


def _not_completed() -> Refused:
    return Refused("line_login", _("LINE 登入沒有完成，請再試一次"))


def _unreachable() -> Refused:
    return Refused("line_unreachable", _("目前連不上 LINE，請稍後再試"))


def _id_of(account: Account) -> str:
    """Return the basic id, which LINE wants with its @ and encoded."""
    return quote(f"@{account.basic_id.removeprefix('@')}", safe="")
