"""The main job, end to end: scan, bind, chat, product, purchase, credit, refund."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.conftest import Demo

QUESTION = "請問外套有 L 號嗎？"
ANSWER = "有的，幫您留一件"
GOODS = "羊毛混紡長大衣"
PHONE = f"09{time.time_ns() // 1_000_000 % 100_000_000:08d}"  # nobody's yet
LIVE_SECONDS = 5.0  # a stalled stream fails; how quick it is, the bench tells


def sign_in(page: Page, demo: Demo, code: str) -> None:
    page.goto(f"{demo.pages}/account/login/")
    page.fill("input[name=login]", code)
    page.fill("input[name=password]", "demo")
    page.press("input[name=password]", "Enter")
    page.wait_for_url(re.compile(r"/(hq|helper|chat)/"))


def new_customer(page: Page, demo: Demo, name: str) -> None:
    page.goto(f"{demo.simulator}/")
    page.fill("#new-name", name)
    page.get_by_role("button", name="加進模擬手機").click()
    page.wait_for_url(re.compile(r"/phone/U[0-9a-f]{32}/"))


def scan(page: Page, url: str) -> FrameLocator:
    page.fill("#scan-panel", url)
    page.locator(".panel").get_by_role("button", name="掃描").click()
    return page.frame_locator("[data-browser] iframe")


def say(page: Page, text: str) -> None:
    page.locator(".phone textarea[name=text]").fill(text)
    page.locator(".phone .entry button.send").click()
    expect(page.locator("#thread .msg[data-side=out]").last).to_contain_text(text)


def bind(phone: Page, tablet: Page, demo: Demo) -> None:
    tablet.goto(f"{demo.pages}/helper/bind/")
    url = tablet.locator("[data-copy]").first.get_attribute("data-copy")
    assert url
    inside = scan(phone, url)
    inside.get_by_role("button", name="同意").click()
    expect(inside.get_by_role("heading", name="讓林怡君為您服務")).to_be_visible()
    inside.locator("input[type=tel]").fill(PHONE)
    inside.locator("input[type=checkbox]").first.check()
    inside.get_by_role("button", name="綁定林怡君").click()
    expect(inside.locator(".mcard")).to_be_visible()


def test_a_customer_is_bound_served_and_sold_to_and_everybody_sees_who_earned_it(
    demo: Demo,
    screen: Callable[[int, int], Page],
    picture: Callable[[Page, str], None],
) -> None:
    phone, tablet, hq = screen(1180, 900), screen(1180, 820), screen(1440, 900)
    sign_in(tablet, demo, "lin")
    sign_in(hq, demo, "hq")
    new_customer(phone, demo, "林小晴")

    bind(phone, tablet, demo)
    picture(phone, "1-bound")
    phone.locator("[data-browser-close]").click()
    welcome = phone.locator("#thread .msg[data-side=in]").last
    expect(welcome).to_contain_text("林怡君")

    tablet.goto(f"{demo.pages}/chat/")
    say(phone, QUESTION)
    written = time.monotonic()
    row = tablet.locator(".row", has_text=QUESTION)
    expect(row).to_be_visible(timeout=LIVE_SECONDS * 1000)
    assert time.monotonic() - written < LIVE_SECONDS
    expect(row.locator(".chip--hot")).to_be_visible()
    picture(tablet, "2-waiting")

    row.click()
    expect(tablet.locator("#thread")).to_contain_text(QUESTION)
    expect(tablet.locator("#price")).to_contain_text("以回覆送出，不計推播用量")
    tablet.locator("#composer textarea[name=text]").fill(ANSWER)
    tablet.get_by_role("button", name="傳送").click()
    expect(phone.locator("#thread .msg[data-side=in]").last).to_contain_text(ANSWER)
    expect(phone.locator("#thread .said__name").last).to_contain_text("林怡君")
    mine = tablet.locator("#thread .msg[data-side=out]", has_text=ANSWER)
    expect(mine).to_have_count(1)
    expect(mine).to_contain_text("已送出")

    expect(tablet.locator("#price")).to_contain_text("以推播送出")
    tablet.get_by_role("button", name="商品").click()
    tablet.locator("#picker input[name=q]").fill("長大衣")
    tablet.locator("#found form", has_text=GOODS).get_by_role("button").click()
    expect(tablet.locator("#thread .rich", has_text=GOODS)).to_be_visible()
    card = phone.locator("#thread .fx", has_text=GOODS)
    expect(card).to_be_visible()
    picture(phone, "3-card")
    picture(tablet, "4-chat")

    card.get_by_role("link").last.click()
    shop = phone.frame_locator("[data-browser] iframe")
    shop.locator("input[name=sku]:not([disabled])").first.check()
    shop.get_by_role("button", name="放進購物車").click()
    shop.locator("#name").fill("林小晴")
    shop.locator("#phone").fill(PHONE)
    shop.get_by_role("button", name="付款並下單").click()
    number = shop.locator("h1.num").inner_text()
    expect(tablet.locator("#thread .rich__foot", has_text="已點開")).to_be_visible()

    hq.goto(f"{demo.pages}/hq/orders/?q={number}")
    line = hq.locator("#rows tr", has_text=number)
    for _look in range(20):
        if line.count() and "林怡君" in line.inner_text():
            break
        hq.wait_for_timeout(500)
        hq.reload()
    line.get_by_role("link", name=number).click()
    expect(hq.locator(".verdict")).to_contain_text("林怡君")
    expect(hq.locator(".verdict")).to_contain_text("推廣連結")
    picture(hq, "5-credit")

    tablet.goto(f"{demo.pages}/helper/month/")
    entry = tablet.locator("main .row", has_text="林小晴").first
    expect(entry).to_contain_text("點擊推廣連結")
    picture(tablet, "6-month")

    shop.get_by_role("button", name="全部退貨").click()
    expect(shop.locator("main")).to_contain_text("已退款")
    for _look in range(20):
        hq.reload()
        if "沖回" in hq.locator("#main").inner_text():
            break
        hq.wait_for_timeout(500)
    expect(hq.locator("#main")).to_contain_text("沖回")
    picture(hq, "7-refund")


def test_an_unbound_customer_is_seen_by_hq_and_by_no_salesperson(
    demo: Demo,
    screen: Callable[[int, int], Page],
    picture: Callable[[Page, str], None],
) -> None:
    phone, tablet, hq = screen(390, 844), screen(1180, 820), screen(1440, 900)
    sign_in(tablet, demo, "lin")
    sign_in(hq, demo, "service")
    hq.goto(f"{demo.pages}/chat/")
    new_customer(phone, demo, "路過的人")
    phone.locator(".talk__strip").get_by_role("button", name="加入好友").click()

    say(phone, "請問高雄有門市嗎？")

    row = hq.locator(".row", has_text="請問高雄有門市嗎？")
    expect(row).to_be_visible(timeout=LIVE_SECONDS * 1000)
    tablet.goto(f"{demo.pages}/chat/?q=路過的人")
    expect(tablet.locator("#rows .row")).to_have_count(0)
    address = row.get_attribute("href")
    answer = tablet.goto(f"{demo.pages}{address}")
    assert answer is not None
    assert answer.status == 404
    picture(hq, "8-hq-inbox")
