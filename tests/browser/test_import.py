"""HQ takes a file in: maps it, tries it, takes it, and gets the bad rows back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.browser.test_main_path import sign_in

FILE = """姓名,行動電話,卡號,出生日期,備忘
許家瑜,0933110220,QX-7001,民國79年5月6日,常客
方大同,12,QX-7002,,
"""


def test_a_file_of_members_from_mapping_to_error_file(
    demo: Demo,
    screen: Callable[[int, int], Page],
    picture: Callable[[Page, str], None],
    tmp_path: Path,
) -> None:
    page = screen(1440, 900)
    file = tmp_path / "門市會員.csv"
    file.write_bytes(FILE.encode("cp950"))
    sign_in(page, demo, "hq")
    page.goto(f"{demo.pages}/hq/imports/")

    page.get_by_label("內容").select_option("members")
    page.get_by_label("檔案").set_input_files(file)
    page.get_by_role("button", name="上傳並對應欄位").click()

    expect(page.locator("h1")).to_have_text("門市會員.csv")
    expect(page.get_by_label("手機", exact=True)).to_have_value("1")
    expect(page.get_by_label("生日")).to_have_value("3")
    expect(page.get_by_label("LINE 使用者編號")).to_have_value("")
    picture(page, "import-mapping")
    page.get_by_role("button", name="試跑一遍").click()

    expect(page.locator("#job")).to_contain_text("不是有效的電話號碼", timeout=40_000)
    page.get_by_role("button", name="正式匯入").click()
    expect(page.locator("#job .kpis")).to_be_visible(timeout=40_000)
    picture(page, "import-done")
    with page.expect_download() as download:
        page.get_by_role("link", name="下載錯誤檔").click()
    rows = Path(download.value.path()).read_text("utf-8-sig").splitlines()
    assert rows[1].startswith("3,未匯入,手機,不是有效的電話號碼,方大同,12")

    page.goto(f"{demo.pages}/hq/members/?q=許家瑜")
    expect(page.locator("#main")).to_contain_text("許家瑜")
    page.goto(f"{demo.pages}/hq/imports/")
    expect(page.locator("tbody tr").first).to_contain_text("已完成")
