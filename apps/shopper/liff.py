"""The page that LIFF opens, and the door that its id token comes through."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from apps.channels.line import login
from apps.core.errors import Refused
from apps.shopper import brand, links, session, signin
from apps.shopper.refusals import friendly, refused
from apps.staff.access import open_to_all


@open_to_all
@require_GET
@friendly
def liff(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Load LIFF's script, which tells who opened the page.

    LIFF first opens the endpoint with the path in `liff.state`, then, by its script,
    the endpoint with the path behind it.
    """
    context = {
        "liff_id": brand.account().liff_id,
        "sdk": settings.LINE_LIFF_SDK,
        "asked": request.GET.get("liff.state") or f"/{rest}",
    }
    return brand.show(request, "shopper/liff.html", context)


@open_to_all
@require_POST
@friendly
def open_session(request: HttpRequest) -> HttpResponse:
    """Believe LINE, not the page: its id token is checked there, then the way is free.

    `asked` is the path that LIFF was opened with.
    """
    target = signin.target_of_path(request.POST.get("asked", ""))
    line = brand.account()
    try:
        user = login.verify_id_token(line, request.POST.get("id_token", ""))
    except Refused as refusal:
        return refused(request, refusal, retry_url=reverse("shopper:card"))
    response = redirect(signin.destination(target))
    member = signin.arrived(line, user, friend=None)
    session.remember(response, member, via="liff")
    links.recognise(request, member)
    return response
