"""Links between pages; a page that is absent or forbidden has none."""

from __future__ import annotations

from django import template
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from apps.ui.components.leaves import icon

register = template.Library()


@register.simple_tag(takes_context=True)
def nav_item(
    context: Context,
    url_name: str,
    mark: str,
    label: str,
    *,
    count: int | None = None,
    hot: bool = False,
    permission: str = "",
    key: str = "",
    rail: bool = False,
) -> SafeString:
    """A link of the navigation; nothing if its page is absent or not permitted.

    The page's `nav` marks the current one, by `key` or the name after the colon.
    """
    if not _may_open(context, permission):
        return mark_safe("")
    try:
        address = reverse(url_name)
    except NoReverseMatch:
        return mark_safe("")
    current = context.get("nav") == (key or url_name.rpartition(":")[2])
    link = format_html(
        '<a href="{}"{}{}>{}<span class="name">{}</span>{}</a>',
        address,
        mark_safe("") if rail else format_html(' title="{}"', label),
        mark_safe(' aria-current="page"') if current else mark_safe(""),
        icon(mark),
        label,
        _nav_count(count, hot=hot),
    )
    return link if rail else format_html("<li>{}</li>", link)


def _may_open(context: Context, permission: str) -> bool:
    may = context.get("may")
    return not permission or may is None or permission in may


def _nav_count(count: int | None, *, hot: bool) -> SafeString:
    if not count:
        return mark_safe("")
    return format_html(
        '<span class="{}">{}<span class="vh"> {}</span></span>',
        "count count--hot" if hot else "count",
        count,
        _("件待處理"),
    )


@register.simple_block_tag
def nav_group(content: str, label: str = "") -> SafeString:
    """A titled list of navigation links; nothing if no link may be shown."""
    if not content.strip():
        return mark_safe("")
    heading = format_html('<p class="label">{}</p>', label) if label else ""
    return format_html("<div>{}<ul>{}</ul></div>", heading, content)


@register.simple_tag
def link_to(url_name: str, *args: object) -> str:
    """The address of a page, empty while no door offers it."""
    try:
        return reverse(url_name, args=args)
    except NoReverseMatch:
        return ""
