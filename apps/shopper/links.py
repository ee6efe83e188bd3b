"""Short tracked links: who taps one is on the way to the shop."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from apps.attribution import services as attribution
from apps.core import clock
from apps.shopper.refusals import friendly
from apps.staff.access import open_to_all

COOKIE = "visitor"
AGE = timedelta(days=365)
# LINE and others fetch a link that stands in a message to draw its preview: nobody
# has tapped it.
PREVIEW = re.compile(
    r"line-poker|facebookexternalhit|bot\b|crawler|spider|preview", re.IGNORECASE
)


@open_to_all
@never_cache
@require_GET
@friendly
def link(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the tap and lead on to the shop."""
    if PREVIEW.search(request.headers.get("User-Agent", "")):
        return render(request, "shopper/preview.html")
    visitor = request.COOKIES.get(COOKIE, "")[:40] or uuid.uuid4().hex
    target = attribution.follow_link(code, visitor=visitor, now=clock.now())
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
