"""Who a person is to a Login channel: access tokens, and id tokens as LINE signs them.

An id token is a JWT of HS256 with the channel secret. An access token names account,
person and scope, is sealed with the simulator's own key and dies by itself.
"""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse

from apps.simulator.models import OfficialAccount, Person

ISSUER = "https://access.line.me"
ID_TOKEN_LIVES = timedelta(hours=1)
ACCESS_SECONDS = 30 * 24 * 3600
REFRESH_SECONDS = 90 * 24 * 3600
ACCESS_SALT = "simulator.login-access"
REFRESH_SALT = "simulator.login-refresh"
PHONE_COOKIE = "sim_phone"


@dataclass(frozen=True)
class Grant:
    """What a person granted to a Login channel."""

    account: OfficialAccount
    person: Person
    scope: str


class BadTokenError(Exception):
    """The token is forged, expired or for somebody else; the text is LINE's."""


def access_token(grant: Grant) -> str:
    """Return an access token of 30 days."""
    return _sealed(grant, ACCESS_SALT)


def refresh_token(grant: Grant) -> str:
    """Return a refresh token of 90 days."""
    return _sealed(grant, REFRESH_SALT)


def granted(token: str) -> Grant | None:
    """Return what the access token stands for, None when it is no good."""
    return _unsealed(token, ACCESS_SALT, ACCESS_SECONDS)


def refreshed(token: str) -> Grant | None:
    """Return what the refresh token stands for, None when it is no good."""
    return _unsealed(token, REFRESH_SALT, REFRESH_SECONDS)


def bearer(request: HttpRequest) -> Grant | None:
    """Return the grant whose access token the request bears."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return granted(token) if scheme == "Bearer" else None


def id_token(grant: Grant, *, now: datetime, nonce: str = "") -> str:
    """Return a signed id token."""
    issued = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "sub": grant.person.user_id,
        "aud": grant.account.login_channel_id,
        "exp": issued + int(ID_TOKEN_LIVES.total_seconds()),
        "iat": issued,
        "amr": ["linesso"],
    }
    if nonce:
        claims["nonce"] = nonce
    if "profile" in grant.scope.split():
        claims |= profile_claims(grant.person)
    return _jwt(claims, grant.account.login_channel_secret)


def profile_claims(person: Person) -> dict[str, str]:
    """Return name and picture; the picture is left out where there is none."""
    claims = {"name": person.name}
    if person.picture_url:
        claims["picture"] = person.picture_url
    return claims


def verified(
    token: str, account: OfficialAccount, *, now: datetime, nonce: str, user_id: str
) -> dict[str, Any]:
    """Return the claims of an id token, or raise BadTokenError with LINE's words."""
    claims = _claims(token, account)
    if claims["exp"] <= now.timestamp():
        raise BadTokenError("IdToken expired.")
    if nonce and claims.get("nonce") != nonce:
        raise BadTokenError("Invalid IdToken Nonce.")
    if user_id and claims["sub"] != user_id:
        raise BadTokenError("Invalid IdToken Subject Identifier.")
    return claims


def phone_of(request: HttpRequest) -> Person | None:
    """Return whose phone this browser is, by its signed cookie."""
    user_id = request.get_signed_cookie(PHONE_COOKIE, default="")
    return Person.objects.filter(user_id=user_id).first() if user_id else None


def hold(response: HttpResponse, person: Person) -> HttpResponse:
    """Make this browser the person's phone."""
    response.set_signed_cookie(
        PHONE_COOKIE, person.user_id, httponly=True, samesite="Lax"
    )
    return response


def _claims(token: str, account: OfficialAccount) -> dict[str, Any]:
    try:
        head, body, mark = token.split(".")
        claims = json.loads(_decoded(body))
    except (ValueError, binascii.Error) as error:
        raise BadTokenError("Invalid IdToken.") from error
    expected = _signed(f"{head}.{body}", account.login_channel_secret)
    if claims.get("aud") != account.login_channel_id:
        raise BadTokenError("Invalid IdToken Audience.")
    if not hmac.compare_digest(expected.encode(), mark.encode()):
        raise BadTokenError("Invalid IdToken.")
    return dict(claims)


def _jwt(claims: dict[str, Any], secret: str) -> str:
    head = _encoded(json.dumps({"typ": "JWT", "alg": "HS256"}).encode())
    body = _encoded(json.dumps(claims, ensure_ascii=False).encode())
    return f"{head}.{body}.{_signed(f'{head}.{body}', secret)}"


def _signed(text: str, secret: str) -> str:
    return _encoded(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest())


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _sealed(grant: Grant, salt: str) -> str:
    facts = [grant.account.pk, grant.person.pk, grant.scope]
    return signing.dumps(facts, salt=salt)


def _unsealed(token: str, salt: str, seconds: int) -> Grant | None:
    try:
        account, person, scope = signing.loads(token, salt=salt, max_age=seconds)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    owner = OfficialAccount.objects.filter(pk=account).first()
    who = Person.objects.filter(pk=person).first()
    return Grant(owner, who, scope) if owner and who else None
