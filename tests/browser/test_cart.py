"""A salesperson fills a cart, the customer pays it in the shop, the credit follows."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.browser.test_main_path import sign_in


def test_a_cart_is_filled_opened_paid_and_credited(
    demo: Demo,
    screen: Callable[[int, int], Page],
    picture: Callable[[Page, str], None],
) -> None:
    helper, phone = screen(1180, 820), screen(390, 844)
    sign_in(helper, demo, "lin")
    helper.goto(f"{demo.pages}/helper/customers/?q=陳思妤")
    helper.locator("#rows a.row").first.click()
    helper.get_by_role("button", name="幫顧客選購").click()
    expect(helper.locator("h1")).to_contain_text("的購物車")
    before = helper.locator(".good").count()
    helper.get_by_placeholder("品名、貨號，或掃條碼").fill("大衣")
    goods = helper.locator("#found .good").first
    expect(goods).to_contain_text("大衣")
    goods.locator("button:not([disabled])").first.click()
    expect(helper.get_by_role("button", name="傳送購物車")).to_be_visible()
    assert before <= helper.locator(".good").count()
    picture(helper, "cart-helper")
    helper.get_by_label("給顧客的話").fill("這件很適合您")
    helper.get_by_role("button", name="傳送購物車").click()
    expect(helper.get_by_role("button", name="再傳一次")).to_be_visible()
    link = helper.locator("[data-copy]").get_attribute("data-copy")

    phone.goto(str(link))
    expect(phone.locator("h1")).to_contain_text("林怡君幫您挑了")
    expect(phone.locator(".bubble")).to_contain_text("這件很適合您")
    picture(phone, "cart-customer")
    phone.get_by_role("link", name="前往付款").click()
    expect(phone.locator(".banner")).to_contain_text("店員幫您挑好的商品")
    phone.get_by_label("姓名").fill("陳思妤")
    phone.get_by_label("手機號碼").fill("0912345678")
    phone.get_by_role("button", name="付款並下單").click()
    expect(phone.locator(".banner")).to_contain_text("訂單成立")
    number = phone.locator("h1").inner_text()
    phone.goto(str(link))
    expect(phone.locator("#main")).to_contain_text("已經下單")

    hq = screen(1440, 900)
    sign_in(hq, demo, "hq")
    hq.goto(f"{demo.pages}/hq/orders/?q={number}")
    row = hq.locator("tr", has_text=number)
    expect(row).to_contain_text("林怡君的購物車")
    for _look in range(20):
        if "代客購物車" in row.inner_text():
            break
        hq.wait_for_timeout(1_000)
        hq.reload()
    expect(row).to_contain_text("代客購物車")
    picture(hq, "cart-order")
