"""`manage.py pictures`: take the README's pictures anew, from a running demo."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count

from apps.attribution.models import Basis, Decision
from apps.conversations.models import Conversation
from config import env
from config.demo import brand

FOLDER = env.ROOT / "docs" / "pictures"
DESK, TABLET = (1440, 900), (1180, 820)


class Command(BaseCommand):
    """Needs the test extra (playwright) and a Chromium on the machine."""

    help = "Take the README's pictures anew; the demo must be running."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take where the demo answers."""
        parser.add_argument("--url", default=f"http://127.0.0.1:{env.PORT}")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Sign in as the people of the story and photograph three screens."""
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        if chromium is None:
            raise CommandError("no Chromium was found on this machine")
        FOLDER.mkdir(parents=True, exist_ok=True)
        shots = (
            ("hq", DESK, "/hq/", "hq-dashboard"),
            ("lin", TABLET, f"/chat/{_conversation()}/", "helper-chat"),
            ("hq", DESK, f"/hq/credits/{_order()}/", "hq-credit"),
        )
        for code, size, path, name in shots:
            target = FOLDER / f"{name}.png"
            photograph(chromium, options["url"], path, code=code, size=size, to=target)
            self.stdout.write(f"{target.relative_to(env.ROOT)}")


def photograph(
    chromium: str, url: str, path: str, *, code: str, size: tuple[int, int], to: Path
) -> None:
    """Open a page of the demo as one of its people and keep a picture of it."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  (an extra)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(
            viewport={"width": size[0], "height": size[1]},
            locale="zh-TW",
            reduced_motion="reduce",
        )
        page.goto(f"{url}/account/login/?next={path}")
        page.fill("input[name=login]", code)
        page.fill("input[name=password]", brand.PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(f"{url}{path}")
        page.wait_for_timeout(800)  # the charts are drawn after the page has loaded
        page.screenshot(path=str(to))
        browser.close()


def _conversation() -> int:
    return Conversation.objects.get(member__name=brand.REGULARS[0]).pk


def _order() -> int:
    """Return the latest order that a link won, with more than one line to explain."""
    decision = (
        Decision.objects.filter(superseded_at=None, basis=Basis.LINK)
        .annotate(lines=Count("line__order__lines"))
        .filter(lines__gte=2)
        .select_related("line")
        .latest("line__order__placed_at")
    )
    return decision.line.order_id
