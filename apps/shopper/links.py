"""Short tracked links: who taps one is on the way to the shop."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from apps.attribution import services as attribution
from apps.attribution.rules import agents
from apps.core import clock
from apps.core.errors import Refused
from apps.members.models import Member
from apps.shopper.refusals import friendly, refused
from apps.staff.access import open_to_all

COOKIE = "visitor"
AGE = timedelta(days=365)


@open_to_all
@never_cache
@require_GET
@friendly
def link(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the tap and lead on to the shop; what may not be followed is told kindly."""
    agent = request.headers.get("User-Agent", "")
    if agents.is_machine(agent) or _is_prefetch(request):
        return render(request, "shopper/preview.html")
    visitor = request.COOKIES.get(COOKIE, "")[:40] or uuid.uuid4().hex
    try:
        target = attribution.follow_link(
            code, visitor=visitor, agent=agent, now=clock.now()
        )
    except Refused as refusal:
        return refused(request, refusal, shop_url=settings.SHOP_URL)
    response = HttpResponseRedirect(target)
    response.set_cookie(
        COOKIE,
        visitor,
        max_age=AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def recognise(request: HttpRequest, member: Member) -> None:
    """Let what this browser did before be the member's who has just signed in."""
    visitor = request.COOKIES.get(COOKIE, "")
    attribution.resolve_visitor(visitor, member, now=clock.now())


def _is_prefetch(request: HttpRequest) -> bool:
    """Tell whether a browser only looks ahead, and nobody has tapped."""
    said = request.headers.get("Sec-Purpose") or request.headers.get("Purpose") or ""
    return said.startswith(("prefetch", "preview"))
