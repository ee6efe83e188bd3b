"""Who calls: a key with the scope that the operation asks for, not too often."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from ninja.errors import AuthorizationError
from ninja.security import HttpBearer

from apps.core import clock
from apps.gateway import keys, limits
from apps.gateway.api.problems import TooMany
from apps.gateway.models import ApiKey

# So many requests a second, each with up to a thousand rows.
PER_KEY = limits.Limit(rate=settings.API_RATE, burst=2 * settings.API_RATE)


class ApiKeyAuth(HttpBearer):
    """Let a key through that carries the scope."""

    def __init__(self, scope: str) -> None:
        if scope not in keys.SCOPES:
            raise LookupError(f"no such scope: {scope}")
        self.scope = scope
        super().__init__()

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        """Return the key; 401 without one, 403 without the scope, 429 too often."""
        now = clock.now()
        key = keys.authenticate(token, now=now)
        if key is None:
            return None
        if wait := limits.take(f"key:{key.pk}", PER_KEY, now=now):
            raise TooMany(wait)
        if self.scope not in key.scopes:
            raise AuthorizationError(message=f"The key lacks the scope {self.scope}.")
        return key
