"""A coupon's code as pictures that a shop's scanner reads off a phone."""

from __future__ import annotations

import io
from itertools import groupby

import segno
from barcode import ean
from barcode.codex import Code39, Code128
from barcode.errors import BarcodeError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

HEIGHT = 72
QUIET = 10
WIDEST = 320  # CSS pixels that the narrowest phones have to spare
MODULE = 4 / 3  # whole pixels of the screens that draw three for one

KINDS = {
    "code128": Code128,
    "code39": lambda code: Code39(code, add_checksum=False),
    "ean13": ean.EuropeanArticleNumber13,
}


def barcode(kind: str, code: str) -> SafeString | str:
    """Draw the code as a barcode of the kind; "" where the kind cannot hold it.

    EAN-13 holds thirteen digits only, Code 39 no small letters; the QR holds all.
    """
    if kind not in KINDS or (kind == "ean13" and len(code) != 13):
        return ""
    try:
        (modules,) = KINDS[kind](code).build()
    except (BarcodeError, KeyError, ValueError):
        return ""
    return _drawn(modules)


def qr(code: str) -> SafeString:
    """Draw the code as a QR with its quiet zone; a quarter of it may be damaged."""
    out = io.BytesIO()
    segno.make(code, error="q", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4,
        dark="#111", light="#fff", svgclass="qr", lineclass=None,
    )  # fmt: skip
    return mark_safe(out.getvalue().decode())  # noqa: S308  (made here, of a code)


def _drawn(modules: str) -> SafeString:
    bars, at = [], QUIET
    for dark, run in groupby(modules):
        width = sum(1 for _module in run)
        if dark in "1G":
            bars.append((at, width, HEIGHT))
        at += width
    wide = at + QUIET
    drawn = format_html_join("", '<rect x="{}" width="{}" height="{}"/>', bars)
    return format_html(
        '<svg class="barcode" width="{}" height="{}" viewBox="0 0 {} {}"'
        ' preserveAspectRatio="none" shape-rendering="crispEdges"'
        ' aria-hidden="true">{}</svg>',
        round(min(wide * MODULE, WIDEST)),
        HEIGHT,
        wide,
        HEIGHT,
        drawn,
    )
