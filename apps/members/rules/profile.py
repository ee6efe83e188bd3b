"""How much of a member's profile is filled in, and what is still missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# What of the card a whole profile says; the gender may stay unsaid.
CARD = ("name", "phone", "email", "birthday")


@dataclass(frozen=True)
class Progress:
    """How many of the things asked are there; `missing` are the keys of the others."""

    done: int
    of: int
    missing: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Tell whether nothing is missing."""
        return not self.missing


def progress(filled: Mapping[str, bool]) -> Progress:
    """Return how far the profile is; `filled` says what is there."""
    missing = tuple(key for key, is_there in filled.items() if not is_there)
    return Progress(len(filled) - len(missing), len(filled), missing)
