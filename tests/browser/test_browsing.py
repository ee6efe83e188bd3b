"""A visitor of the shop looks, searches, fills the cart and signs in: all is theirs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import httpx
from playwright.sync_api import Error, Page, Request, expect

from tests.browser.conftest import Demo
from tests.browser.test_main_path import sign_in

PHONE = "0910000000"


def heard(page: Page) -> list[dict[str, Any]]:
    """Return what the page's script reports from now on, as it comes."""
    told: list[dict[str, Any]] = []

    def keep(request: Request) -> None:
        if request.url.endswith("/collect") and request.post_data:
            told.append(json.loads(request.post_data))

    page.on("request", keep)
    return told


def reported(page: Page, told: list[dict[str, Any]], kind: str) -> None:
    """Wait until the page has reported such an event.

    What a page sends while it is being left, the browser tells nobody of.
    """
    end = time.monotonic() + 20
    while kind not in {event["kind"] for beacon in told for event in beacon["events"]}:
        assert time.monotonic() < end, f"no {kind} in {told}"
        page.wait_for_timeout(50)


def serve(page: Page, address: str, kind: str, text: str) -> None:
    """Answer what the page asks of the address."""
    page.route(
        lambda url: url.startswith(address),
        lambda route: route.fulfill(body=text, content_type=kind),
    )


def cookies(page: Page) -> set[str]:
    """Return the names of the script's cookies."""
    names = {str(each.get("name")) for each in page.context.cookies()}
    return {name for name in names if name.startswith("rg")}


def test_what_a_visitor_did_is_the_members_after_the_sign_in(
    demo: Demo,
    screen: Callable[[int, int], Page],
    picture: Callable[[Page, str], None],
) -> None:
    shop, helper = screen(390, 844), screen(1180, 820)
    told = heard(shop)
    shop.goto(f"{demo.simulator}/shop/")
    shop.get_by_role("searchbox").fill("大衣")
    shop.get_by_role("button", name="搜尋").click()
    reported(shop, told, "search")
    shop.locator(".shelf a").first.click()
    expect(shop.locator("main[data-product]")).to_be_visible()
    reported(shop, told, "view")
    shop.locator(".option:has(input:enabled)").first.click()
    shop.get_by_role("button", name="放進購物車").click()
    expect(shop.locator("main[data-cart]")).to_be_visible()
    reported(shop, told, "cart")
    shop.get_by_role("link", name="登入").click()
    shop.get_by_label("手機號碼").fill(PHONE)
    shop.get_by_role("button", name="登入").click()
    expect(shop.locator("[data-member]")).to_be_visible()
    reported(shop, told, "login")
    picture(shop, "shop-signed-in")

    sent = json.dumps(told, ensure_ascii=False)
    assert PHONE not in sent
    assert PHONE not in shop.url
    assert "陳思妤" not in sent

    sign_in(helper, demo, "lin")
    helper.goto(f"{demo.pages}/helper/customers/?q=陳思妤")
    helper.locator("#rows a.row").first.click()
    card = helper.locator("#browsing")
    expect(card).to_contain_text("購物車裡")
    expect(card).to_contain_text("× 1")
    expect(card).to_contain_text("大衣")
    picture(helper, "browsing-helper")


def test_the_script_waits_for_consent_and_never_breaks_the_page(
    demo: Demo, screen: Callable[[int, int], Page]
) -> None:
    shop = screen(390, 844)
    told = heard(shop)
    broken: list[Error] = []
    shop.on("pageerror", lambda error: broken.append(error))
    script = f'<script src="{demo.pages}/snippet.js" data-consent="wait"></script>'
    body = f"<main data-product='x' data-cart='{{broken'>x</main>{script}"
    address = f"{demo.simulator}/shop/consent"
    # Chromium lets no page that a test made up reach into this machine.
    source = httpx.get(f"{demo.pages}/snippet.js").text
    for place, kind, text in (
        (address, "text/html", body),
        (f"{demo.pages}/snippet.js", "text/javascript", source),
        (f"{demo.pages}/collect", "text/plain", ""),
    ):
        serve(shop, place, kind, text)

    shop.goto(f"{address}?rg=abcdef&q=siyu")
    shop.wait_for_timeout(600)
    assert (told, cookies(shop)) == ([], set())
    assert shop.evaluate("regulars.reference() + regulars.visitor()") == ""

    shop.evaluate("regulars.consent(true)")
    shop.wait_for_timeout(600)
    assert [event["kind"] for event in told[0]["events"]] == ["view"]
    assert told[0]["reference"] == "abcdef"
    assert "siyu" not in json.dumps(told)
    assert cookies(shop) == {"rg", "rg_visitor", "rg_consent"}
    month = time.time() + 29 * 24 * 3600
    assert all(each.get("expires", 0) > month for each in shop.context.cookies())
    assert shop.url == f"{address}?rg=abcdef&q=siyu"

    shop.evaluate("regulars.consent(false)")
    told.clear()
    shop.evaluate("regulars.search('x')")
    shop.reload()
    shop.wait_for_timeout(600)
    assert (told, cookies(shop)) == ([], {"rg_consent"})
    assert broken == []
