"""A month is settled by two people, and its salesperson reads it on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.browser.test_main_path import sign_in


def export(page: Page, name: str) -> bytes:
    """Take a file away and return what is in it."""
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    return Path(download.value.path()).read_bytes()


def test_a_month_is_prepared_approved_exported_and_read(
    demo: Demo,
    screen: Callable[[int, int], Page],
    picture: Callable[[Page, str], None],
) -> None:
    first, second, phone = screen(1440, 900), screen(1440, 900), screen(390, 844)
    sign_in(first, demo, "hq")
    sign_in(second, demo, "finance")
    first.goto(f"{demo.pages}/hq/settlements/")
    waiting = first.locator("tr", has_text="待試算").last.get_by_role("link")
    month = waiting.inner_text()
    waiting.click()

    first.get_by_role("button", name="試算", exact=True).click()
    expect(first.locator("#main")).to_contain_text("要由另一位同事核准")
    expect(first.get_by_role("button", name="核准並關帳")).to_have_count(0)

    second.goto(first.url)
    second.locator("[data-open=approve]").click()
    sheet = second.locator("dialog[open]")
    expect(sheet).to_contain_text("不再接受任何明細")
    picture(second, "settlement-approve")
    sheet.get_by_role("button", name="核准並關帳").click()
    expect(second.locator("h1")).to_contain_text("已核准，待發放")
    for name in ("匯出發放檔", "XLSX", "匯款清單"):
        assert export(second, name) == export(second, name)

    row = second.locator("#lines tbody tr").first
    second_amount = row.locator("td").nth(6).inner_text()
    row.get_by_role("link").click()
    expect(second.locator("dd.sum")).to_have_text(f"NT${second_amount}")
    code = second.locator(".crumb span").last.inner_text()

    sign_in(phone, demo, code)
    year, number = month.split("/")
    phone.goto(f"{demo.pages}/helper/statement/{year}-{int(number):02}/")
    expect(phone.locator("h1")).to_have_text("分潤明細")
    expect(phone.locator("dd.sum")).to_have_text(f"NT${second_amount}")
    expect(phone.locator(".statement .row").first).to_contain_text(re.compile(r"× \d"))
    width = phone.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width == 0
    picture(phone, "settlement-statement")
