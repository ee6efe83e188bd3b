"""The shop's script and where it reports to: what a visitor did in the shop.

The script must never break the shop, and this door never complains: whatever comes in
is answered with 204, and only what is sound is stored.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import condition, require_http_methods, require_safe

from apps.attribution import services as attribution
from apps.core import clock
from apps.gateway import browsing, limits, visitor_tokens
from apps.staff.access import machine, open_to_all

SCRIPT = Path(settings.BASE_DIR) / "static" / "snippet" / "snippet.js"
FOR_A_DAY = "public, max-age=86400, stale-while-revalidate=604800"
LARGEST_BEACON = 16 * 1024
PER_VISITOR = limits.Limit(rate=1, burst=60)
PER_ADDRESS = limits.Limit(rate=50, burst=500)


@cache
def _source() -> bytes:
    return SCRIPT.read_bytes()


@open_to_all
@require_safe
@condition(etag_func=lambda _request: f'"{sha256(_source()).hexdigest()[:16]}"')
def script(request: HttpRequest) -> HttpResponse:
    """Answer with the script that a shop puts into its pages."""
    answer = HttpResponse(_source(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = FOR_A_DAY
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


@csrf_exempt
@require_http_methods(["POST", "OPTIONS"])
@machine
def collect(request: HttpRequest) -> HttpResponse:
    """Take a beacon of the script; what is not sound is dropped without a word."""
    if request.method == "POST":
        raw, now = request.read(LARGEST_BEACON + 1), clock.now()
        beacon = browsing.read(raw, now=now) if len(raw) <= LARGEST_BEACON else None
        if beacon and _may_come(request, beacon.visitor, now=now):
            _take(beacon, now=now)
    return HttpResponse(status=204, headers={"Access-Control-Allow-Origin": "*"})


def _take(beacon: browsing.Beacon, *, now: datetime) -> None:
    """Note what was done; by a token that is good, it becomes the member's."""
    attribution.note_events(beacon.events)
    if not beacon.token:
        return
    member = visitor_tokens.read(beacon.token, beacon.visitor, now=now)
    if member:
        attribution.resolve_visitor(beacon.visitor, member, now=now)


def _may_come(request: HttpRequest, visitor: str, *, now: datetime) -> bool:
    """Tell whether neither the visitor nor the address reports too much."""
    address = _address(request)
    return not (
        limits.take(f"visitor:{visitor}", PER_VISITOR, now=now)
        or limits.take(f"address:{address}", PER_ADDRESS, now=now)
    )


def _address(request: HttpRequest) -> str:
    """Return the caller's address as the outermost proxy of ours saw it."""
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    trusted = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if trusted and len(hops) >= trusted:
        return hops[-trusted].strip()[:60]
    return str(request.META.get("REMOTE_ADDR", ""))[:60]
