"""HQ corrects a credit; who lost it objects, the manager passes it on, HQ rules."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.browser.test_main_path import sign_in

SAID = "這位客人是我接待的，商品也是我推薦的"


def test_from_the_correction_over_the_objection_to_the_ruling(
    demo: Demo,
    screen: Callable[[int, int], Page],
    picture: Callable[[Page, str], None],
) -> None:
    hq, lin, manager = screen(1440, 900), screen(390, 844), screen(1180, 820)
    sign_in(hq, demo, "hq")
    sign_in(lin, demo, "lin")
    sign_in(manager, demo, "zs01")

    lin.goto(f"{demo.pages}/helper/month/")
    lin.locator("a[href*='/why/']").first.click()
    lin.wait_for_url(re.compile(r"/why/"))
    order = lin.url.rstrip("/").split("/")[-2]

    hq.goto(f"{demo.pages}/hq/credits/{order}/")
    hq.get_by_role("link", name="更正").first.click()
    hq.get_by_label("改認列給").select_option(label="蔡承恩")
    hq.get_by_label("理由").fill("結帳時登錄錯人")
    hq.get_by_role("button", name="下一步").click()
    expect(hq.locator("#main")).to_contain_text("再確認一次")
    picture(hq, "correction")
    hq.get_by_role("button", name="確認更正").click()
    expect(hq.locator("#main")).to_contain_text("「結帳時登錄錯人」")

    lin.reload()
    lin.locator("[data-open=objection]").click()
    sheet = lin.locator("dialog[open]")
    sheet.locator("textarea").first.fill(SAID)
    sheet.get_by_role("button", name="送出爭議").first.click()
    expect(lin.locator("#main")).to_contain_text(SAID)
    picture(lin, "objection")

    manager.goto(f"{demo.pages}/helper/disputes/")
    case = manager.locator("section.card", has_text=SAID)
    case.get_by_role("button", name="交給總部裁定").click()
    expect(manager.locator("section.card", has_text=SAID)).to_contain_text("待總部裁定")

    hq.goto(f"{demo.pages}/hq/credits/{order}/")
    ruling = hq.locator("section.card", has_text="爭議待裁定")
    ruling.get_by_text("改認列給林怡君").click()
    ruling.locator("textarea").fill("對話紀錄相符")
    ruling.get_by_role("button", name="送出裁定").click()
    expect(hq.locator("section.card", has_text="爭議已裁定")).to_contain_text(
        "「對話紀錄相符」"
    )
    lin.reload()
    expect(lin.locator("#main")).to_contain_text("「對話紀錄相符」")
