"""Bring the customer through LINE Login and back to the page they asked for.

What LINE must hand back unchanged travels in `state`: a random part and the target, so
that even an expired sign-in knows where to start again. The secrets of the sign-in
(nonce, PKCE verifier) wait in a signed cookie of ten minutes, one for each sign-in.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.channels.line import login
from apps.channels.line.login import LineUser
from apps.channels.models import Account
from apps.core import clock
from apps.core.errors import Refused
from apps.members import services as members
from apps.members.models import Member
from apps.members.rules import tokens
from apps.shopper import brand, links, session
from apps.shopper.refusals import friendly, refused
from apps.staff.access import open_to_all

SALT = "apps.shopper.signin"
AGE = timedelta(minutes=10)
ORDERS = "orders"
CARD, COUPONS, POINTS, PHONE = "card", "coupons", "points", "phone"
CONSENTS, INVOICES = "consents", "invoices"
PROFILE = "profile"
PAGES = {
    CARD: "shopper:card",
    ORDERS: "shopper:orders",
    COUPONS: "shopper:coupons",
    POINTS: "shopper:points",
    CONSENTS: "shopper:consents",
    PROFILE: "shopper:profile",
    PHONE: "shopper:phone",
    INVOICES: "shopper:invoices",
}
PICKUP = "pickup-"  # and the code: one's goods at a store
PICKUP_TARGET = re.compile(r"pickup-(?P<code>[0-9A-Z]{13})")
PICKUP_PATH = re.compile(r"/?pickups/(?P<code>[0-9A-Z]{13})/?")
ASKED_PATH = re.compile(r"/?b/(?P<token>[^/?#]{1,40})/?(confirm/?)?")


@dataclass(frozen=True)
class Started:
    """A sign-in that is under way."""

    state: str
    nonce: str
    verifier: str


def start(target: str) -> HttpResponse:
    """Send the customer to LINE; `target` is a binding token, a pickup or of PAGES."""
    started = Started(
        state=f"{secrets.token_urlsafe(24)}.{target}",
        nonce=secrets.token_urlsafe(24),
        verifier=secrets.token_urlsafe(48),
    )
    response = redirect(
        login.authorize_url(
            brand.account(),
            redirect_uri=_redirect_uri(),
            state=started.state,
            nonce=started.nonce,
            verifier=started.verifier,
        )
    )
    response.set_cookie(
        _cookie(started.state),
        signing.dumps(asdict(started), salt=SALT),
        max_age=AGE,
        path=reverse("shopper:login"),
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    response["Cache-Control"] = "no-store"
    return response


@open_to_all
@require_GET
@friendly
def callback(request: HttpRequest) -> HttpResponse:
    """Take the customer back from LINE."""
    state = request.GET.get("state", "")
    target = target_of(state.partition(".")[2])
    try:
        customer = _customer(request, state)
    except Refused as refusal:
        return _again(request, refusal, target)
    response = redirect(destination(target))
    session.remember(response, customer, via="login")
    links.recognise(request, customer)
    response.delete_cookie(_cookie(state), path=reverse("shopper:login"))
    return response


def arrived(line: Account, user: LineUser, *, friend: bool | None) -> Member:
    """Return the member whom LINE vouches for; a stranger becomes a lead."""
    now = clock.now()
    identity = members.meet_line_user(
        line, user.user_id, now=now, profile=user, entry="qr"
    )
    if friend is not None:
        members.note_friendship(identity, friend=friend, now=now)
    return identity.member


def friendship_of(user: LineUser) -> bool | None:
    """Ask LINE whether the person is a friend; None where it does not say."""
    if not user.access_token:
        return None
    try:
        return login.is_friend(user.access_token)
    except Refused:
        return None


def target_of(text: str) -> str:
    """Return the target that the text names: a token, a page, else the card."""
    if text in PAGES or PICKUP_TARGET.fullmatch(text):
        return text
    token = tokens.parsed(text)
    return str(token) if token else CARD


def target_of_path(path: str) -> str:
    """Return the target behind the path that LIFF was opened with."""
    bare = path.partition("?")[0]
    named = bare.strip("/").partition("/")[0]
    if named in PAGES:
        return named
    if pickup := PICKUP_PATH.fullmatch(bare):
        return f"{PICKUP}{pickup['code']}"
    asked = ASKED_PATH.fullmatch(bare)
    return target_of(asked["token"]) if asked else CARD


def destination(target: str) -> str:
    """Return the page that the target is seen on."""
    if target in PAGES:
        return reverse(PAGES[target])
    if pickup := PICKUP_TARGET.fullmatch(target):
        return reverse("shopper:pickup", args=[pickup["code"]])
    return reverse("shopper:confirm", args=[target])


def _customer(request: HttpRequest, state: str) -> Member:
    """Return who LINE says it is; every way it can fail is a refusal."""
    started = _started(request, state)
    if request.GET.get("error") == "access_denied":
        raise Refused("denied", _("您取消了 LINE 登入。想好了隨時可以再試一次。"))
    if started is None:
        raise Refused("expired", _("這次登入已經逾時，再試一次就好。"))
    line = brand.account()
    user = login.exchange(
        line,
        code=request.GET.get("code", ""),
        redirect_uri=_redirect_uri(),
        verifier=started.verifier,
        nonce=started.nonce,
    )
    return arrived(line, user, friend=friendship_of(user))


def _started(request: HttpRequest, state: str) -> Started | None:
    try:
        facts = signing.loads(
            request.COOKIES.get(_cookie(state), ""), salt=SALT, max_age=AGE
        )
    except signing.BadSignature:
        return None
    started = Started(**facts)
    return started if secrets.compare_digest(started.state, state) else None


def _again(request: HttpRequest, refusal: Refused, target: str) -> HttpResponse:
    """Offer the same once more, or the way by a message."""
    if target in PAGES or PICKUP_TARGET.fullmatch(target):
        return refused(request, refusal, retry_url=destination(target))
    text_url = ""
    try:
        code = members.read_token(target)
    except Refused:
        pass
    else:
        text_url = login.prefilled_url(brand.account(), members.prefilled_text(code))
    retry = f"{reverse('shopper:bind', args=[target])}?go=1"
    return refused(request, refusal, retry_url=retry, text_url=text_url)


def _cookie(state: str) -> str:
    return f"login-{state[:8]}" if state.isascii() else "login"


def _redirect_uri() -> str:
    return f"{settings.PUBLIC_URL}{reverse('shopper:login')}"
