"""LINE's web addresses: add a friend, open a chat with a text already typed."""

from urllib.parse import unquote, urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET

from apps.simulator import identity
from apps.simulator.access import simulated
from apps.simulator.login import choose_phone
from apps.simulator.models import OfficialAccount
from apps.ui.htmx import page


@simulated
@require_GET
def chat(request: HttpRequest, basic_id: str) -> HttpResponse:
    """Open the chat with the account; the query is the text to be sent."""
    account = get_object_or_404(OfficialAccount, basic_id=basic_id)
    typed = unquote(request.META["QUERY_STRING"])
    return _to_phone(request, account=account.slug, text=typed)


@simulated
@require_GET
def add_friend(request: HttpRequest, basic_id: str) -> HttpResponse:
    """Open the account's profile, where it can be added as a friend."""
    account = get_object_or_404(OfficialAccount, basic_id=basic_id)
    return _to_phone(request, account=account.slug)


def _to_phone(request: HttpRequest, **wanted: str) -> HttpResponse:
    """Leave the in-app browser for the chat; without a phone, choose one first."""
    person = identity.phone_of(request)
    if person is None:
        return choose_phone(request)
    query = urlencode({name: value for name, value in wanted.items() if value})
    to = f"{reverse('simulator:phone', args=[person.user_id])}?{query}"
    return page(request, "simulator/to_phone.html", {"to": to})
