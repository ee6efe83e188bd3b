"""The member number as a barcode that a shop's scanner reads off a phone.

Scanners need whole pixels: a module is two of them, and ten modules on either side
stay white (GS1 General Specifications 5.4.3 for Code 128).
"""

from __future__ import annotations

from itertools import groupby

from barcode.codex import Code128
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

MODULE = 2
QUIET = 10
HEIGHT = 64


def code128(number: str) -> SafeString:
    """Draw the number as Code 128; sixteen digits are 143 modules, quiet zone in."""
    (modules,) = Code128(number).build()
    bars, at = [], QUIET
    for dark, run in groupby(modules):
        width = sum(1 for _module in run)
        if dark == "1":
            bars.append((at * MODULE, width * MODULE, HEIGHT))
        at += width
    drawn = format_html_join("", '<rect x="{}" width="{}" height="{}"/>', bars)
    width = (at + QUIET) * MODULE
    return format_html(
        '<svg class="barcode" width="{0}" height="{1}" viewBox="0 0 {0} {1}"'
        ' shape-rendering="crispEdges" aria-hidden="true">{2}</svg>',
        width,
        HEIGHT,
        drawn,
    )


def grouped(number: str) -> str:
    """Write the number in groups of four, as it is read aloud."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))
