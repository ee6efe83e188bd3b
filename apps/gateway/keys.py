"""The keys other systems hold: made, shown once, kept as a hash, revoked.

rg_<prefix>_<secret>      the prefix finds the row, the secret proves the holder
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core.errors import Refused
from apps.gateway.models import ApiKey

SCOPES = {
    "products:read": "Read products, variants and stock",
    "products:write": "Send products, new or updated",
    "stock:write": "Set stock",
    "members:read": "Look up members and their rights",
    "members:write": "Send members and the ids they are known by",
    "carts:write": "Report carts and their opening",
    "carts:read": "Read carts",
    "coupons:use": "Check, hold, use and give back coupons",
    "points:use": "Quote, burn and give back points",
    "orders:write": "Send orders and refunds",
    "orders:read": "Read orders",
    "links:read": "Look up tracked links",
    "events:write": "Report what visitors did in the shop",
}
# How fresh `last_used_at` is kept: not every request is worth a write.
NOTED_EVERY = timedelta(minutes=1)


def make_key(
    name: str, *, scopes: Collection[str], now: datetime
) -> tuple[ApiKey, str]:
    """Make a key; return it with its raw text, which is never to be had again."""
    raw = f"rg_{secrets.token_hex(4)}_{secrets.token_urlsafe(32)}"
    return ensure_key(name, raw, scopes=scopes, now=now), raw


def ensure_key(
    name: str, raw: str, *, scopes: Collection[str], now: datetime
) -> ApiKey:
    """Keep a key of this raw text with these scopes, for a setup that brings its own.

    Refused: "api_key" where the text is no key, "scopes" where a scope is unknown.
    """
    prefix = _prefix_of(raw)
    if prefix is None:
        raise Refused("api_key", _("金鑰的格式須為 rg_開頭_密碼"))
    if unknown := set(scopes) - SCOPES.keys():
        message = _("沒有這個範圍：%(scopes)s") % {"scopes": ", ".join(sorted(unknown))}
        raise Refused("scopes", message)
    facts = {
        "name": name,
        "digest": _digest(raw),
        "scopes": sorted(scopes),
        "is_active": True,
    }
    key, _made = ApiKey.objects.update_or_create(
        prefix=prefix, defaults=facts, create_defaults={**facts, "created_at": now}
    )
    return key


@transaction.atomic
def hand_out(
    name: str, *, scopes: Collection[str], by: audit.Person | None, now: datetime
) -> tuple[ApiKey, str]:
    """Make a key for somebody; return it with its raw text, to be shown once."""
    key, raw = make_key(name, scopes=scopes, now=now)
    audit.record("api_key.made", key, by=by, now=now, scopes=key.scopes)
    return key, raw


@transaction.atomic
def revoke(key: ApiKey, *, by: audit.Person | None, now: datetime) -> None:
    """Let nobody in by the key any more; a second time changes nothing."""
    if ApiKey.objects.filter(pk=key.pk, is_active=True).update(is_active=False):
        audit.record("api_key.revoked", key, by=by, now=now)


def authenticate(raw: str, *, now: datetime) -> ApiKey | None:
    """Return the active key of this raw text and note that it is in use."""
    prefix = _prefix_of(raw)
    key = prefix and ApiKey.objects.filter(prefix=prefix, is_active=True).first()
    if not key or not hmac.compare_digest(bytes(key.digest), _digest(raw)):
        return None
    before = now - NOTED_EVERY
    if key.last_used_at is None or key.last_used_at < before:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=before)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
    return key


def _prefix_of(raw: str) -> str | None:
    parts = raw.split("_", 2)
    sound = len(parts) == 3 and parts[0] == "rg" and all(parts) and raw.isascii()
    if not sound or "\x00" in raw or len(parts[1]) > 12:
        return None
    return parts[1]


def _digest(raw: str) -> bytes:
    return hashlib.sha256(raw.encode()).digest()
