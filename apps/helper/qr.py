"""QR codes as pictures in the page."""

from __future__ import annotations

import io

import segno
from django.utils.safestring import SafeString, mark_safe


def svg(url: str) -> SafeString:
    """Draw the address as SVG with its quiet zone; a quarter of it may be damaged."""
    out = io.BytesIO()
    segno.make(url, error="q", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4,
        dark="#111", light="#fff", svgclass="qr", lineclass=None,
    )  # fmt: skip
    return mark_safe(out.getvalue().decode())  # noqa: S308  (made here, of a URL)
