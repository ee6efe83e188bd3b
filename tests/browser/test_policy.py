"""HQ tries a shorter window on past orders, compares, and publishes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from apps.core import clock
from tests.browser.conftest import Demo

SIMULATION = re.compile(r"/hq/simulations/\d+/")


def sign_in(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.pages}/account/login/")
    page.fill("input[name=login]", "hq")
    page.fill("input[name=password]", "demo")
    page.press("input[name=password]", "Enter")
    page.wait_for_url(re.compile(r"/hq/"))


def draft(page: Page) -> None:
    """Write a draft: chat above links, both for a day only."""
    page.get_by_role("link", name="認列規則").click()
    page.get_by_role("button", name="以目前規則起草").click()
    page.fill("input[name=name]", "只認一天")
    page.fill("input[name=link_days]", "1")
    page.fill("input[name=chat_days]", "1")
    page.get_by_role("button", name="對話協助往上").click()
    expect(page.get_by_role("heading", name="只認一天")).to_be_visible()
    expect(page.locator(".rules li[data-new]")).to_have_count(2)


def test_a_draft_is_tried_compared_and_published(
    demo: Demo,
    screen: Callable[[int, int], Page],
    picture: Callable[[Page, str], None],
) -> None:
    page = screen(1440, 900)
    sign_in(page, demo)
    draft(page)
    picture(page, "policy-draft")

    page.select_option("select[name=period]", "ninety")
    page.get_by_role("button", name="開始試算").click()
    page.wait_for_url(SIMULATION)
    expect(page.get_by_role("heading", name="誰多誰少")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="認列方式", exact=True).click()
    expect(page.locator("#result tbody tr", has_text="對話協助").first).to_be_visible()
    picture(page, "policy-compared")

    page.get_by_role("link", name="發布這份草案").click()
    expect(page.locator(".banner")).to_contain_text("換人認列，移動業績")
    page.fill(
        "input[name=effective_on]", (clock.today() + timedelta(days=7)).isoformat()
    )
    page.get_by_role("button", name="確認發布").click()
    expect(page.get_by_text("將生效")).to_be_visible()
    expect(page.get_by_text("第 2 版")).to_be_visible()
    picture(page, "policy-published")
