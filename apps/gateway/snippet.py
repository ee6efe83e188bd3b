"""The shop's script and where it reports to: what was looked at, and by which visitor.

The script must never break the shop, and this door never complains: whatever comes in
is answered with 204, and only what is sound is stored.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import condition, require_http_methods, require_safe

from apps.attribution import services as attribution
from apps.core import clock
from apps.gateway import limits
from apps.staff.access import machine, open_to_all

SCRIPT = Path(settings.BASE_DIR) / "static" / "snippet" / "snippet.js"
FOR_A_DAY = "public, max-age=86400, stale-while-revalidate=604800"
LARGEST_BEACON = 4096
PER_VISITOR = limits.Limit(rate=1, burst=60)
PER_ADDRESS = limits.Limit(rate=50, burst=500)


@dataclass(frozen=True)
class Seen:
    """A page that a visitor looked at, as the script tells it."""

    event_id: UUID
    visitor: str
    path: str
    product: str
    reference: str


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
    seen = _read(request) if request.method == "POST" else None
    if seen and _may_come(request, seen.visitor):
        attribution.note_view(
            seen.event_id,
            seen.visitor,
            seen.path,
            seen.product,
            seen.reference,
            now=clock.now(),
        )
    return HttpResponse(status=204, headers={"Access-Control-Allow-Origin": "*"})


def _read(request: HttpRequest) -> Seen | None:
    raw = request.read(LARGEST_BEACON + 1)
    if len(raw) > LARGEST_BEACON:
        return None
    try:
        facts = json.loads(raw)
        seen = Seen(
            event_id=UUID(facts["id"]),
            visitor=facts["visitor"],
            path=facts["path"],
            product=facts.get("product") or "",
            reference=facts.get("reference") or "",
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    texts = (seen.visitor, seen.path, seen.product, seen.reference)
    if not all(isinstance(text, str) for text in texts):
        return None
    # The script makes the visitor's name from hexadecimal digits and hyphens.
    named = 8 <= len(seen.visitor) <= 40 and seen.visitor.replace("-", "").isalnum()
    return seen if named and seen.visitor.isascii() and seen.path else None


def _may_come(request: HttpRequest, visitor: str) -> bool:
    """Tell whether neither the visitor nor the address reports too much."""
    now = clock.now()
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
