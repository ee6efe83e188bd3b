"""Where a request comes from, as far as our own proxies can tell."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

LONGEST = 60  # characters


def address_of(request: HttpRequest) -> str:
    """Return the caller's address as the outermost proxy of ours saw it."""
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    trusted = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if trusted and len(hops) >= trusted:
        return hops[-trusted].strip()[:LONGEST]
    return str(request.META.get("REMOTE_ADDR", ""))[:LONGEST]
