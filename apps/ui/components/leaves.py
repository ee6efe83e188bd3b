"""Leaves: icon, person, product, tier, chip, and the tile of a row."""

from __future__ import annotations

from typing import Any, Protocol

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

HUE_STEP = 10
TIERS = ("silver", "gold", "black")


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """Draw an icon of the sprite; it is decoration, words stand beside it."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        f"i {extra}".strip(),
        static("icons.svg"),
        name,
    )


@register.simple_tag
def avatar(
    name: str,
    hue: int | None = None,
    size: str = "",
    *,
    line: bool = False,
    image: str = "",
) -> SafeString:
    """Draw a person: picture, or first character on the person's own hue.

    `size` is sm, md, lg or xl; `line` adds LINE's mark.
    """
    classes = f"avatar avatar--{size}" if size else "avatar"
    mark = mark_safe('<i class="line-mark"></i>') if line else ""
    inside: SafeString | str = name[:1]
    if image:
        inside = format_html('<img src="{}" alt="" loading="lazy">', image)
    return format_html(
        '<span class="{}" data-hue="{}" aria-hidden="true">{}{}</span>',
        classes,
        _hue(hue, name),
        inside,
        mark,
    )


class Pictured(Protocol):
    """A person with a name to show, a tint and perhaps a photograph."""

    @property
    def label(self) -> str:
        """The name in the reader's language."""

    @property
    def hue(self) -> int:
        """The person's tint."""

    pk: int
    photo: Any


@register.simple_tag
def face(person: Pictured, size: str = "") -> SafeString:
    """Draw a member of staff: the photograph, or the first character.

    The photograph comes small and square from the door that serves it to customers.
    """
    image = reverse("shopper:face", args=[person.pk]) if person.photo else ""
    return avatar(person.label, person.hue, size, image=image)


def _hue(hue: int | None, name: str) -> int:
    """Round to the hues that the stylesheet knows; a name alone gives a stable one."""
    number = sum(map(ord, name)) * 47 if hue is None else hue
    return round(number / HUE_STEP) * HUE_STEP % 360


@register.simple_tag
def tier(code: str, label: str) -> SafeString:
    """Draw a member's tier; codes outside the drawn ones look like the base tier."""
    if code in TIERS:
        return format_html('<span class="tier" data-tier="{}">{}</span>', code, label)
    return format_html('<span class="tier">{}</span>', label)


@register.simple_tag
def thumb(art: str, hue: int = 80, size: int = 56, *, image: str = "") -> SafeString:
    """Draw a product: photograph, or a drawing; size is 40, 44, 56, 64, 76 or 112."""
    classes = f"thumb thumb--{size}"
    if image:
        return format_html(
            '<span class="{}"><img src="{}" alt="" loading="lazy"></span>',
            classes,
            image,
        )
    return format_html(
        '<span class="{}" data-hue="{}" aria-hidden="true">'
        '<svg><use href="{}#p-{}"/></svg></span>',
        classes,
        _hue(hue, art),
        static("icons.svg"),
        art or "coat",
    )


@register.simple_tag(name="chip")
def chip_tag(label: str, kind: str = "", mark: str = "") -> SafeString:
    """Write a chip; kind is brand, ok, warn, bad, hot, line; `mark` an icon's name."""
    classes = f"chip chip--{kind}" if kind else "chip"
    drawn = icon(mark) if mark else ""
    return format_html('<span class="{}">{}{}</span>', classes, drawn, label)


@register.simple_tag
def kind(mark: str, tone: str = "", size: str = "") -> SafeString:
    """Draw the tile that says what a row is about; tone is hot, brand, ok or warn."""
    classes = f"kind kind--{size}" if size else "kind"
    return format_html(
        '<span class="{}" data-k="{}">{}</span>', classes, tone, icon(mark)
    )
