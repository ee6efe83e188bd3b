"""Templates keep to the content policy: no style, script or handler is inline."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"
PAGES = sorted(TEMPLATES.rglob("*.html"))
# A script without a source may only hold data.
FORBIDDEN = {
    "a style attribute": r"\sstyle\s*=",
    "a style element": r"<style\b",
    "a handler": r"\s(on[a-z]+|hx-on[:\w.-]*)\s*=",
    "a script": r"<script\b(?![^>]*\b(src=|type=\"application/json\"))",
    "a script in an address": r"javascript:",
    "an expression for htmx": r"[\"']js:|hx-trigger=\"[^\"]*\[",
}


@pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: str(page.relative_to(TEMPLATES))
)
def test_a_page_needs_nothing_inline(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    found = [what for what, how in FORBIDDEN.items() if re.search(how, text, re.I)]

    assert not found
