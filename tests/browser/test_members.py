"""Two records of one customer are merged and taken apart again, at HQ."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.browser.test_main_path import sign_in


def test_a_pair_is_merged_read_as_one_and_taken_apart(
    demo: Demo,
    screen: Callable[[int, int], Page],
    picture: Callable[[Page, str], None],
) -> None:
    page = screen(1440, 900)
    sign_in(page, demo, "hq")
    page.goto(f"{demo.pages}/hq/merges/")
    row = page.locator("#rows tbody tr").first
    kept = row.get_by_role("link").first.inner_text().split("\n")[1]
    row.get_by_role("link", name="比對").click()

    second = page.locator(".pair .card").last
    number = second.locator("small").inner_text()
    expect(second).to_contain_text("POS 編號")
    page.locator('input[name="name"][value="other"]').check()
    expect(page.locator("#preview")).to_contain_text("訂單")
    picture(page, "merge-review")
    page.get_by_role("button", name="確定合併").click()

    expect(page.locator("h1")).to_contain_text("已合併")
    page.get_by_role("link", name="開啟會員").click()
    main = page.locator("#main")
    expect(page.locator("h1")).not_to_have_text(kept)
    for words in ("P-HOME-", "會員卡號", "合併紀錄", number, "點數", "會員等級"):
        expect(main).to_contain_text(words)
    picture(page, "member-merged")
    person = page.url

    page.goto(f"{demo.pages}/hq/members/?q={number}")
    page.locator("#rows tbody tr").first.get_by_role("link").first.click()
    assert page.url == person

    page.locator(".row", has_text=number).get_by_role("link").click()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="還原這次合併").click()
    expect(page.locator("h1")).to_contain_text("已還原")
    page.goto(person)
    expect(page.locator("h1")).to_have_text(kept)
    expect(main).not_to_contain_text("P-HOME-")
    expect(main).to_contain_text("已還原")
