"""A salesperson gives a coupon, another store writes it off once: zh and en."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.browser.test_main_path import sign_in

COUPON = "店員專屬折 150"


def give(page: Page, demo: Demo) -> str:
    """Give the coupon to the first customer who has none; return its code."""
    page.goto(f"{demo.pages}/helper/customers/")
    customers = page.locator("#rows a.row")
    addresses = [row.get_attribute("href") for row in customers.all()]
    for address in addresses:
        page.goto(f"{demo.pages}{address}coupons/")
        card = page.locator("form", has_text=COUPON)
        button = card.get_by_role("button")
        if button.is_enabled():
            button.dblclick()
            break
    expect(page.locator("h1")).to_have_text("已發出優惠券")
    return page.locator("p.num").inner_text()


def look_up(page: Page, demo: Demo, code: str) -> None:
    """Scan the code at the counter."""
    page.goto(f"{demo.pages}/helper/coupons/redeem/")
    page.locator("main input[name=code]").first.fill(code.lower())
    page.locator("main input[name=code]").first.press("Enter")
    expect(page.locator("main .ticket")).to_be_visible()


def test_a_coupon_is_given_and_written_off_once_at_another_store(
    demo: Demo,
    screen: Callable[[int, int], Page],
    picture: Callable[[Page, str], None],
) -> None:
    giver, counter, hq = screen(1180, 820), screen(390, 844), screen(1440, 900)
    sign_in(giver, demo, "lin")
    code = give(giver, demo)

    sign_in(counter, demo, "ms01")
    look_up(counter, demo, code)
    expect(counter.locator("main")).to_contain_text(COUPON)
    counter.get_by_label("訂單編號").fill("TEST-1")
    counter.get_by_label("消費金額").fill("900")
    counter.get_by_role("button", name="確認核銷").click()
    expect(counter.locator("main")).to_contain_text("還差 NT$100 才達最低消費")
    look_up(counter, demo, code)
    counter.get_by_label("訂單編號").fill("TEST-1")
    counter.get_by_label("消費金額").fill("1500")
    picture(counter, "coupon-redeem")
    counter.get_by_role("button", name="確認核銷").dblclick()
    expect(counter.locator("main")).to_contain_text("折抵 NT$150")

    look_up(counter, demo, code)
    expect(counter.locator("main")).to_contain_text("這張優惠券已經使用過")
    expect(counter.locator("main")).to_contain_text("TEST-1")
    expect(counter.get_by_role("button", name="確認核銷")).to_have_count(0)
    width = counter.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width == 0
    counter.context.add_cookies(
        [{"name": "django_language", "value": "en", "url": demo.pages}]
    )
    counter.reload()
    expect(counter.locator("html")).to_have_attribute("lang", "en")
    expect(counter.locator("main")).to_contain_text("From your salesperson: NT$150")

    sign_in(hq, demo, "hq")
    hq.goto(f"{demo.pages}/hq/coupons/")
    hq.get_by_role("link", name=COUPON).click()
    expect(hq.locator("#rows tbody")).to_contain_text("TEST-1")
    picture(hq, "coupon-hq")
