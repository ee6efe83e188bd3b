"""Draw the products and faces again, as PNG files under static/."""

from __future__ import annotations

import io
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from apps.ui import pictures
from apps.ui.drawings import faces, products

COLOURS_OF_A_FILE = 96


class Command(BaseCommand):
    """Rasterises the drawings with a Chromium; the files are committed."""

    help = "Draw the products and faces again, as PNG files under static/."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the browser's program."""
        parser.add_argument("--chromium", default="/usr/bin/chromium")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write every file and say how large they are together."""
        static = Path(settings.STATICFILES_DIRS[0])
        written = 0
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=options["chromium"], args=["--no-sandbox"]
            )
            sheet = browser.new_page()
            for path, svg, size in drawings():
                target = static / path
                target.parent.mkdir(parents=True, exist_ok=True)
                written += target.write_bytes(rasterise(sheet, svg, size))
            browser.close()
        self.stdout.write(f"{written:,} bytes")


def drawings() -> Iterator[tuple[str, str, int]]:
    """Give each file's path under static/, its drawing and its size in pixels."""
    for art in pictures.PRODUCT_ARTS:
        for hue in pictures.PRODUCT_HUES:
            path = pictures.product_picture(art, hue)
            yield path, products.product(art, hue), products.SIZE
    for place in range(pictures.FACES):
        yield pictures.face_picture(place), faces.face(place), faces.SIZE


def rasterise(sheet: Page, svg: str, size: int) -> bytes:
    """Return the drawing as a PNG with a small palette."""
    sheet.set_viewport_size({"width": size, "height": size})
    sheet.set_content(f'<body style="margin:0;line-height:0">{svg}</body>')
    shot = Image.open(io.BytesIO(sheet.screenshot())).convert("RGB")
    small = io.BytesIO()
    shot.quantize(COLOURS_OF_A_FILE, dither=Image.Dither.NONE).save(
        small, "PNG", optimize=True
    )
    return small.getvalue()
