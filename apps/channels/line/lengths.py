"""Count text as LINE counts it, and cut it where a reader would."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

ZERO_WIDTH_JOINER = "\u200d"


def units(text: str) -> int:
    """Return the length in UTF-16 code units: an emoji beyond U+FFFF counts two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(text: str) -> str:
    """Drop what neither a database nor LINE takes: NUL and lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")


def graphemes(text: str) -> Iterator[str]:
    """Yield what a reader takes for one character.

    A base with its marks, an emoji with its skin tone, a joined family and a flag stay
    whole: the rules of UAX 29 that matter in names (Hangul by its composed syllables).
    """
    cluster = ""
    for char in unicodedata.normalize("NFC", text):
        if cluster and not _joins(cluster, char):
            yield cluster
            cluster = ""
        cluster += char
    if cluster:
        yield cluster


def cut(text: str, most: int) -> str:
    """Return the text's first whole graphemes that fit into `most` UTF-16 units.

    LINE counts some fields in graphemes and its SDK counts them in code points; text
    that fits in UTF-16 units fits in every counting.
    """
    kept: list[str] = []
    left = most
    for cluster in graphemes(text):
        left -= units(cluster)
        if left < 0:
            break
        kept.append(cluster)
    return "".join(kept)


def _joins(cluster: str, char: str) -> bool:
    if char == ZERO_WIDTH_JOINER or cluster.endswith(ZERO_WIDTH_JOINER):
        return True
    if _is_flag_half(char):
        return len(cluster) == 1 and _is_flag_half(cluster)
    return unicodedata.category(char) in {"Mn", "Me", "Mc"} or _extends(char)


def _extends(char: str) -> bool:
    """Tell whether it modifies an emoji: a skin tone, a tag of a regional flag."""
    return "\U0001f3fb" <= char <= "\U0001f3ff" or "\U000e0020" <= char <= "\U000e007f"


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"
