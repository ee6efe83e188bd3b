"""Names in two languages, where the second may be missing."""

from __future__ import annotations

from django.utils.translation import get_language


def in_language(name: str, name_en: str) -> str:
    """Return the name in the reader's language; without an English one, the Chinese."""
    return (name_en if get_language() == "en" else "") or name
