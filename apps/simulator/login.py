"""LINE Login: the consent page, the exchange of its code, and what a token tells."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core import clock
from apps.simulator import identity
from apps.simulator.access import simulated
from apps.simulator.identity import BadTokenError, Grant
from apps.simulator.models import Friendship, OfficialAccount, Person
from apps.simulator.platform import faults
from apps.simulator.platform.answers import LineError
from apps.simulator.platform.endpoint import strike
from apps.simulator.services import consent
from apps.simulator.services.consent import BadCodeError, Wish
from apps.ui.htmx import page

CARRIED = (
    "response_type", "client_id", "redirect_uri", "state", "scope", "nonce",
    "bot_prompt", "code_challenge", "code_challenge_method",
)  # fmt: skip


class BadRequestError(Exception):
    """The authorization request breaks LINE Login's rules."""


@simulated
@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """Ask the person for consent; on 同意 go back to the page with a code."""
    asked = request.POST if request.method == "POST" else request.GET
    wanted = {name: asked.get(name, "") for name in CARRIED}
    try:
        account = _asking(wanted)
    except BadRequestError as error:
        return page(request, "simulator/login/refused.html", {"why": error}, status=400)
    person = identity.phone_of(request)
    if person is None:
        return choose_phone(request)
    if request.method == "POST":
        return _decided(request, account, person, wanted)
    return ask(request, account, person, wanted)


def ask(
    request: HttpRequest,
    account: OfficialAccount,
    person: Person,
    carried: dict[str, str],
) -> HttpResponse:
    """Show the consent page, with a switch to add the account where that is asked."""
    friendship = Friendship.objects.filter(account=account, person=person).first()
    prompt = carried.get("bot_prompt", "")
    is_friend = friendship is not None and friendship.is_friend
    return page(
        request,
        "simulator/login/consent.html",
        {
            "account": account,
            "person": person,
            "carried": carried,
            "offers_friend": bool(prompt) and not is_friend,
            "is_pressing": prompt == "aggressive",
        },
    )


@csrf_exempt
@simulated
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """Exchange a code, or a refresh token, for tokens."""
    account = OfficialAccount.objects.filter(
        login_channel_id=request.POST.get("client_id", ""),
        login_channel_secret=request.POST.get("client_secret", ""),
    ).first()
    if account is None:
        return _error("invalid_client", "invalid client_id or client_secret", 400)
    form = {name: str(value) for name, value in request.POST.items()}
    if form.get("grant_type") == "refresh_token":
        return _guarded(account, "login.token", lambda: _refresh(form))
    return _guarded(account, "login.token", lambda: _exchange(account, form))


@csrf_exempt
@simulated
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Verify an id token (POST), or an access token (GET)."""
    if request.method == "GET":
        return _verified_access(request.GET.get("access_token", ""))
    channel = request.POST.get("client_id", "")
    account = OfficialAccount.objects.filter(login_channel_id=channel).first()
    if account is None:
        return _error("invalid_request", "Invalid IdToken Audience.", 400)
    return _guarded(
        account, "login.verify", lambda: _verified_id(account, request.POST.dict())
    )


Told = Callable[[HttpRequest, Grant], dict[str, Any]]


def bearing(told: Told) -> Callable[[HttpRequest], HttpResponse]:
    """Make a view of what an access token tells; 401 without a good one."""

    @csrf_exempt
    @simulated
    @require_http_methods(["GET", "POST"])
    @wraps(told)
    def view(request: HttpRequest) -> HttpResponse:
        grant = identity.bearer(request)
        if grant is None:
            return _error("invalid_token", "The access token expired", 401)
        return JsonResponse(told(request, grant))

    return view


@bearing
def profile(_request: HttpRequest, grant: Grant) -> dict[str, Any]:
    """Tell the person's profile."""
    facts = {"userId": grant.person.user_id, "displayName": grant.person.name}
    if grant.person.picture_url:
        facts["pictureUrl"] = grant.person.picture_url
    return facts


@bearing
def userinfo(_request: HttpRequest, grant: Grant) -> dict[str, Any]:
    """Tell the person by OpenID Connect's names."""
    return {"sub": grant.person.user_id, **identity.profile_claims(grant.person)}


@bearing
def friendship_status(_request: HttpRequest, grant: Grant) -> dict[str, Any]:
    """Tell whether the person is a friend of the channel's account."""
    found = Friendship.objects.filter(account=grant.account, person=grant.person)
    friendship = found.first()
    return {"friendFlag": friendship is not None and friendship.is_friend}


@require_GET
@simulated
def certs(_request: HttpRequest) -> HttpResponse:
    """Publish no key: id tokens here are signed with the channel secret."""
    return JsonResponse({"keys": []})


def choose_phone(request: HttpRequest) -> HttpResponse:
    """Let the visitor choose whose phone this browser is, and come back here."""
    after = urlencode({"next": request.get_full_path()})
    return redirect(f"{reverse('simulator:wall')}?{after}")


def with_query(url: str, **more: str) -> str:
    """Return the URL with more in its query."""
    parts = urlsplit(url)
    query = "&".join(filter(None, [parts.query, urlencode(more)]))
    return urlunsplit(parts._replace(query=query))


def _asking(wanted: dict[str, str]) -> OfficialAccount:
    account = OfficialAccount.objects.filter(login_channel_id=wanted["client_id"])
    found = account.first()
    if found is None:
        raise BadRequestError("Invalid client_id")
    if wanted["response_type"] != "code":
        raise BadRequestError("response_type must be code")
    if urlsplit(wanted["redirect_uri"]).scheme not in {"http", "https"}:
        raise BadRequestError("Invalid redirect_uri")
    if found.callback_urls and wanted["redirect_uri"] not in found.callback_urls:
        raise BadRequestError("Invalid redirect_uri: not registered for the channel")
    if not wanted["state"]:
        raise BadRequestError("state is required")
    if not {"openid", "profile"} & set(wanted["scope"].split()):
        raise BadRequestError("Invalid scope")
    if wanted["code_challenge"] and wanted["code_challenge_method"] != "S256":
        raise BadRequestError("code_challenge_method must be S256")
    return found


def _decided(
    request: HttpRequest,
    account: OfficialAccount,
    person: Person,
    wanted: dict[str, str],
) -> HttpResponse:
    back = {"state": wanted["state"]}
    if "agree" not in request.POST:
        words = {"error": "access_denied", "error_description": "declined"}
        return redirect(with_query(wanted["redirect_uri"], **back, **words))
    now = clock.now()
    befriending = "befriend" in request.POST
    changed = consent.agree(account, person, befriending=befriending, now=now)
    wish = Wish(
        redirect_uri=wanted["redirect_uri"],
        scope=wanted["scope"],
        nonce=wanted["nonce"],
        code_challenge=wanted["code_challenge"],
    )
    back["code"] = consent.issue_code(account, person, wish, now=now)
    if wanted["bot_prompt"]:
        back["friendship_status_changed"] = "true" if changed else "false"
    return redirect(with_query(wanted["redirect_uri"], **back))


def _exchange(account: OfficialAccount, form: dict[str, str]) -> HttpResponse:
    if form.get("grant_type") != "authorization_code":
        return _error("unsupported_grant_type", "unsupported grant_type", 400)
    now = clock.now()
    try:
        grant, nonce = consent.redeem(account, form, now=now)
    except BadCodeError as error:
        return _error("invalid_grant", str(error), 400)
    tokens = _tokens(grant)
    if "openid" in grant.scope.split():
        tokens["id_token"] = identity.id_token(grant, now=now, nonce=nonce)
    return JsonResponse(tokens)


def _refresh(form: dict[str, str]) -> HttpResponse:
    grant = identity.refreshed(form.get("refresh_token", ""))
    if grant is None:
        return _error("invalid_grant", "invalid refresh_token", 400)
    return JsonResponse(_tokens(grant))


def _tokens(grant: Grant) -> dict[str, Any]:
    return {
        "access_token": identity.access_token(grant),
        "expires_in": identity.ACCESS_SECONDS,
        "refresh_token": identity.refresh_token(grant),
        "scope": grant.scope,
        "token_type": "Bearer",
    }


def _verified_id(account: OfficialAccount, form: dict[str, Any]) -> HttpResponse:
    try:
        claims = identity.verified(
            str(form.get("id_token", "")),
            account,
            now=clock.now(),
            nonce=str(form.get("nonce", "")),
            user_id=str(form.get("user_id", "")),
        )
    except BadTokenError as error:
        return _error("invalid_request", str(error), 400)
    return JsonResponse(claims)


def _verified_access(token_text: str) -> HttpResponse:
    grant = identity.granted(token_text)
    if grant is None:
        return _error("invalid_request", "access token expired", 400)
    channel = grant.account.login_channel_id
    expires = identity.ACCESS_SECONDS
    return JsonResponse(
        {"scope": grant.scope, "client_id": channel, "expires_in": expires}
    )


def _guarded(
    account: OfficialAccount, name: str, work: Callable[[], HttpResponse]
) -> HttpResponse:
    """Do the work, unless a fault is ordered for the endpoint."""
    try:
        if fault := faults.strike(account, name):
            strike(fault)
        return work()
    except LineError as error:
        return error.response()


def _error(error: str, description: str, status: int) -> JsonResponse:
    return JsonResponse(
        {"error": error, "error_description": description}, status=status
    )
