"""Blocks that hold other content: panel, empty state, banner, sheet."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from apps.ui.components.leaves import icon

register = template.Library()


@register.simple_block_tag
def panel(
    content: str,
    title: str = "",
    *,
    href: str = "",
    link: str = "",
    note: str = "",
    count: int | None = None,
    foot: str = "",
    flush: bool = False,
    id: str = "",  # noqa: A002  (the attribute's name)
    extra: str = "",
) -> SafeString:
    """A card with a heading; `flush` for tables and rows that reach its edges."""
    heading = _panel_heading(title, href=href, link=link, note=note, count=count)
    inside = format_html("{}" if flush else '<div class="card__body">{}</div>', content)
    below = format_html('<p class="card__foot">{}</p>', foot) if foot else ""
    return format_html(
        '<section class="{}"{}>{}{}{}</section>',
        f"card {extra}".strip(),
        format_html(' id="{}"', id) if id else "",
        heading,
        inside,
        below,
    )


def _panel_heading(
    title: str, *, href: str, link: str, note: str, count: int | None
) -> SafeString:
    """Write the head of a card: title, then a count, a note and a link."""
    if not title:
        return mark_safe('<div class="card__gap"></div>')
    beside = format_html(
        "{}{}{}",
        "" if count is None else format_html('<span class="count">{}</span>', count),
        format_html('<span class="sm sub">{}</span>', note) if note else "",
        format_html('<a href="{}">{}</a>', href, link) if href else "",
    )
    return format_html(
        '<div class="card__head"><h2>{}</h2><span class="push cluster">{}</span></div>',
        title,
        beside,
    )


@register.simple_block_tag
def empty(content: str, mark: str, title: str) -> SafeString:
    """Say what will appear here and offer the next useful act."""
    return format_html(
        '<div class="empty">{}<h3>{}</h3>{}</div>', icon(mark), title, content
    )


@register.simple_block_tag
def banner(content: str, tone: str = "", mark: str = "info") -> SafeString:
    """A message in the page; tone is ok, warn, bad or hot."""
    return format_html(
        '<div class="{}">{}<div class="grow">{}</div></div>',
        f"banner banner--{tone}" if tone else "banner",
        icon(mark),
        content,
    )


@register.simple_block_tag
def sheet(
    content: str,
    id: str,  # noqa: A002  (the attribute's name)
    title: str,
    *,
    extra: str = "",
) -> SafeString:
    """A drawer (bottom sheet on a phone) that `data-open="<id>"` opens."""
    return format_html(
        '<dialog class="{}" id="{}" aria-labelledby="{}-title">'
        '<div class="sheet__head"><h2 id="{}-title">{}</h2>'
        '<button type="button" class="btn btn--ghost btn--icon" data-close'
        ' aria-label="{}">{}</button></div>{}</dialog>',
        f"sheet {extra}".strip(),
        id,
        id,
        id,
        title,
        _("關閉"),
        icon("x"),
        content,
    )
