"""Recognise which column holds which field, by what it is called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

SHORTEST_PART = 2
NOISE = re.compile(r"[\s_\-./()\[\]:*#（）【】：＊]+")


def bare(name: str) -> str:
    """Return a name without case, width, spaces and punctuation."""
    return NOISE.sub("", unicodedata.normalize("NFKC", name).lower())


def guess(header: Sequence[str], names: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return the column of each field that a heading names; each column once.

    `names` are the headings a field goes by, the surest first. A heading that equals
    a name counts before one that only contains it.
    """
    headings = [bare(each) for each in header]
    found: dict[str, int] = {}
    for fits in (_equals, _contains):
        for field, known in names.items():
            if field in found:
                continue
            place = _place(headings, known, set(found.values()), fits)
            if place is not None:
                found[field] = place
    return found


def _place(
    headings: Sequence[str],
    known: Sequence[str],
    taken: set[int],
    fits: Callable[[str, str], bool],
) -> int | None:
    for name in known:
        for place, heading in enumerate(headings):
            if place not in taken and heading and fits(heading, bare(name)):
                return place
    return None


def _equals(heading: str, name: str) -> bool:
    return heading == name


def _contains(heading: str, name: str) -> bool:
    """Tell whether the heading holds the name; a short name is in too many words."""
    return len(name) >= SHORTEST_PART and name in heading
