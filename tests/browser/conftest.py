"""The demo running as a person starts it, and Chromium to walk through it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.processes import eventually, free_pair, running

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
MEMBERS = 60
START_SECONDS = 180
PICTURES = Path(__file__).resolve().parent.parent.parent / "var" / "pictures"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what lies here, and skip it where the machine has no Chromium."""
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium was found"))


@dataclass(frozen=True)
class Demo:
    """Where the running demo's processes answer."""

    pages: str
    simulator: str

    @property
    def is_ready(self) -> bool:
        """Tell whether the pages serve and the stand-in knows the brand's friends."""
        with suppress(httpx.TransportError):
            ready = httpx.get(f"{self.pages}/readyz", timeout=2).is_success
            return ready and "陳思妤" in httpx.get(f"{self.simulator}/", timeout=5).text
        return False


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Start the demo as the README says, small, in a folder of its own."""
    port = free_pair()
    place = tmp_path_factory.mktemp("demo")
    here = Demo(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 2}")
    with running(
        "manage.py", "demo", "--no-input", "--port", str(port),
        "--members", str(MEMBERS),
        grace=40, VAR_DIR=str(place), DATABASE_URL="", DEBUG="",
    ):  # fmt: skip
        eventually(lambda: here.is_ready, START_SECONDS)
        yield here


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Start one Chromium for all paths."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def screen(browser: Browser) -> Iterator[Callable[[int, int], Page]]:
    """Return a verb that opens a screen of a size, each with cookies of its own."""
    contexts = []

    def open_screen(width: int, height: int) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale="zh-TW",
            reduced_motion="reduce",
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        return context.new_page()

    yield open_screen
    for context in contexts:
        context.close()


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Return a verb that keeps a screenshot under var/pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)

    def keep(page: Page, name: str) -> None:
        page.screenshot(path=str(PICTURES / f"{name}.png"))

    return keep
