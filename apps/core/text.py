"""Make what a stranger sent fit for a text or jsonb column.

PostgreSQL takes neither U+0000 nor a lone surrogate, and both come in through JSON.
"""

from __future__ import annotations

import re
from typing import Any

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
REPLACEMENT = "\ufffd"
DEEPEST = 40


def clean(value: str, limit: int | None = None) -> str:
    """Return the text with what cannot be stored replaced, cut to `limit` letters."""
    kept = value if limit is None else value[:limit]
    return UNSTORABLE.sub(REPLACEMENT, kept)


def clean_json(value: Any, depth: int = 0) -> Any:
    """Return a JSON value fit for a jsonb column.

    What lies deeper than 40 levels, and numbers that JSON has no word for, become null.
    """
    if isinstance(value, str):
        return clean(value)
    if depth >= DEEPEST:
        return None
    if isinstance(value, dict):
        return {clean(str(k)): clean_json(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list):
        return [clean_json(each, depth + 1) for each in value]
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return None
    return value
