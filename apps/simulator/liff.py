"""LIFF: opening an app by its address, and the script that pages load as its SDK.

A LIFF address leads to the app's endpoint URL; what follows the id travels in
`liff.state`, and the SDK's `init` makes the second redirect from it. On a phone the
tokens of its person travel in the fragment, which no server sees.
"""

from urllib.parse import urlencode

from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_http_methods

from apps.core import clock
from apps.simulator import identity
from apps.simulator.access import simulated
from apps.simulator.identity import Grant
from apps.simulator.login import ask, choose_phone, with_query
from apps.simulator.models import OfficialAccount, Person
from apps.simulator.services import consent

SCOPE = "openid profile"
SDK = "js/simulator-liff.js"


@simulated
@require_http_methods(["GET", "POST"])
def launch(request: HttpRequest, liff_id: str, path: str = "") -> HttpResponse:
    """Open the app: at once, or after the person's first consent on a phone."""
    account = _app(liff_id)
    target = with_state(account.liff_endpoint_url, path, request.META["QUERY_STRING"])
    person = identity.phone_of(request)
    if person is None:
        return redirect(target)
    if request.method == "POST":
        if "agree" not in request.POST:
            return redirect("simulator:phone", person.user_id)
        befriending = "befriend" in request.POST
        consent.agree(account, person, befriending=befriending, now=clock.now())
    elif not consent.has_agreed(account, person):
        carried = {"bot_prompt": account.liff_bot_prompt}
        return ask(request, account, person, carried)
    return redirect(f"{target}#{tokens_of(account, person)}")


@simulated
@require_GET
def sign_in(request: HttpRequest, liff_id: str) -> HttpResponse:
    """Sign in from outside a phone (`liff.login`): choose a phone, come back."""
    account = _app(liff_id)
    back = request.GET.get("redirect_uri") or account.liff_endpoint_url
    if not _may_return(account, back):
        raise Http404
    person = identity.phone_of(request)
    if person is None:
        return choose_phone(request)
    consent.agree(account, person, befriending=False, now=clock.now())
    return redirect(f"{back.partition('#')[0]}#{tokens_of(account, person)}")


@simulated
@require_GET
def sdk(_request: HttpRequest) -> HttpResponse:
    """Hand out the script that stands in for LIFF's SDK."""
    found = finders.find(SDK)
    if not isinstance(found, str):
        raise Http404
    with open(found, encoding="utf-8") as script:  # noqa: PTH123 (a name from finders)
        return HttpResponse(script.read(), content_type="text/javascript")


def with_state(endpoint: str, path: str, query: str) -> str:
    """Return the endpoint URL with what followed the app's id as `liff.state`."""
    state = f"/{path}" if path else ""
    if query:
        state += f"?{query}"
    return with_query(endpoint, **{"liff.state": state}) if state else endpoint


def tokens_of(account: OfficialAccount, person: Person) -> str:
    """Return the fragment that carries the person's tokens to the page."""
    grant = Grant(account, person, SCOPE)
    return urlencode(
        {
            "access_token": identity.access_token(grant),
            "id_token": identity.id_token(grant, now=clock.now()),
            "liff_id": account.liff_id,
        }
    )


def _app(liff_id: str) -> OfficialAccount:
    account = get_object_or_404(OfficialAccount, liff_id=liff_id)
    if not account.liff_endpoint_url:
        raise Http404
    return account


def _may_return(account: OfficialAccount, url: str) -> bool:
    """Tell whether the address lies below the app's endpoint, as LIFF demands."""
    return url.startswith(account.liff_endpoint_url.rstrip("/"))
