"""The rows of the conversation list, written as strings.

The list is asked for again at every message that arrives, by everybody who has it
open; through the template engine its rows would cost several times what the database
needs for them. Names and previews are customers' words: they are escaped here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from html import escape

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe

from apps.conversations.reports import Row, TierMark
from apps.core import clock
from apps.ui.components.leaves import tier
from apps.ui.words import Moments

ANY = 0  # stands for a conversation's key in the address
CURRENT = ' aria-current="true"'
CHIP = '<span class="chip chip--hot chip--tight">'


def written(rows: Sequence[Row], *, chosen: str, opened: int | None) -> SafeString:
    """Write the rows; their addresses keep the filter that was chosen.

    `opened` is the key of the conversation that stands beside the list.
    """
    return mark_safe("".join(_each(rows, chosen, opened)))  # noqa: S308  (escaped)


def _each(rows: Sequence[Row], chosen: str, opened: int | None) -> Iterator[str]:
    moments = Moments(clock.now())
    before, after = _address()
    if chosen:
        after = escape(f"{after}?{urlencode({'filter': chosen})}")
    marks: dict[TierMark | None, str] = {None: ""}
    for row in rows:
        if row.tier is not None and row.tier not in marks:
            marks[row.tier] = f" {tier(row.tier.code, row.tier.label)}"
        yield (
            f'<a class="row" id="conversation-{row.pk}"'
            f' href="{before}{row.pk}{after}"{CURRENT if row.pk == opened else ""}>'
            f'<span class="avatar avatar--lg" data-hue="{row.member.hue}"'
            f' aria-hidden="true">{escape(row.member.label[:1])}'
            '<i class="line-mark"></i></span>'
            f"{_words(row, marks[row.tier], moments)}</a>\n"
        )


def _words(row: Row, mark: str, moments: Moments) -> str:
    at, since = row.last_message_at, row.waiting_since
    wait = f"{CHIP}{escape(moments.waited(since))}</span>" if since else ""
    return (
        '<span class="grow"><span class="row__top">'
        f'<span class="clip">{escape(row.member.label)}</span>{mark}'
        f'<time datetime="{at.isoformat(timespec="minutes")}">'
        f"{escape(moments.ago(at))}</time></span>"
        '<span class="row__sub row__line">'
        f'<span class="clip grow">{escape(row.preview)}</span>{wait}</span></span>'
    )


@cache
def _address() -> tuple[str, str]:
    """Return what stands before and after the key in a conversation's address."""
    before, after = reverse("desk:conversation", args=[ANY]).rsplit(str(ANY), 1)
    return before, after
