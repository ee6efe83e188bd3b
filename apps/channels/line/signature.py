"""Tell whether a webhook body comes from LINE."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence


def is_genuine(body: bytes, signature: str, *, secrets: Sequence[str]) -> bool:
    """Compare the signature with the HMAC-SHA256 of the raw body under each secret.

    Every secret is tried, in constant time; an empty one is nobody's, for anybody
    could sign with it.
    """
    given = signature.encode("utf-8", "replace")
    matches = [
        hmac.compare_digest(_sign(body, secret), given) for secret in secrets if secret
    ]
    return any(matches)


def _sign(body: bytes, secret: str) -> bytes:
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256))
