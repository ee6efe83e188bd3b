"""A tablet without a net keeps its scans; another tablet was quicker."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.browser.test_coupons import give, look_up
from tests.browser.test_main_path import sign_in

# A camera that sees the picture at `window.seen`, for a machine that has none.
CAMERA = """
navigator.mediaDevices.getUserMedia = async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 480, height: 480 });
  const drawn = canvas.getContext("2d");
  const picture = new Image();
  picture.src = "data:image/svg+xml;base64," + btoa(sessionStorage.getItem("seen"));
  await picture.decode();
  setInterval(() => {
    drawn.fillStyle = "#fff";
    drawn.fillRect(0, 0, 480, 480);
    drawn.drawImage(picture, 40, 40, 400, 400);
  }, 50);
  return canvas.captureStream(20);
};
"""  # noqa: E501  (one script)


def type_code(page: Page, code: str) -> None:
    """Type the code as a scanner does: into whatever has the focus, and Enter."""
    page.locator("[data-scan] input[name=code]").fill(code)
    page.keyboard.press("Enter")


def no_wider_than_the_screen(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide == 0


def test_scans_wait_for_the_net_and_are_answered(
    demo: Demo,
    screen: Callable[[int, int], Page],
    picture: Callable[[Page, str], None],
) -> None:
    giver, tablet, other = screen(1180, 820), screen(390, 844), screen(1180, 820)
    sign_in(giver, demo, "lin")
    first, second = give(giver, demo), give(giver, demo)
    sign_in(tablet, demo, "ms01")
    tablet.goto(f"{demo.pages}/helper/scan/")
    tablet.evaluate("navigator.serviceWorker.ready.then(() => true)")

    tablet.context.set_offline(True)
    tablet.get_by_label("消費金額").fill("1500")
    type_code(tablet, first)
    expect(tablet.locator("[data-scan-waiting]")).to_contain_text("1 筆等待中")
    tablet.get_by_label("消費金額").fill("1500")
    type_code(tablet, second)
    type_code(tablet, "0912345678")
    expect(tablet.locator("[data-scan-personal]")).to_be_visible()
    expect(tablet.locator("[data-scan-waiting]")).to_contain_text("2 筆等待中")
    kept = tablet.evaluate("JSON.stringify(localStorage)")
    assert "0912" not in kept
    picture(tablet, "scan-waiting")

    tablet.reload()
    expect(tablet.locator("h1")).to_have_text("離線掃碼")
    expect(tablet.locator("[data-scan-waiting]")).to_contain_text("2 筆等待中")
    no_wider_than_the_screen(tablet)
    picture(tablet, "scan-shell")

    sign_in(other, demo, "lin")
    look_up(other, demo, second)
    other.get_by_label("訂單編號").fill("TEST-9")
    other.get_by_label("消費金額").fill("1500")
    other.get_by_role("button", name="確認核銷").click()
    expect(other.locator("main")).to_contain_text("折抵 NT$150")

    tablet.context.set_offline(False)
    tablet.goto(f"{demo.pages}/helper/scan/")
    expect(tablet.locator("[data-scan-waiting]")).to_be_hidden()
    expect(tablet.locator("#rows")).to_contain_text("這張優惠券已經使用過")
    expect(tablet.locator("#rows")).to_contain_text("已核銷")
    expect(tablet.locator("[data-scan-refused]")).to_be_visible()
    picture(tablet, "scan-answered")
    row = tablet.locator("#rows .row", has_text="已經使用過").first
    row.get_by_label("怎麼處理的").fill("請顧客補差額")
    row.get_by_role("button", name="已處理").click()
    expect(tablet.locator("#rows")).to_contain_text("請顧客補差額")


def test_another_person_on_the_tablet_cannot_send_them(
    demo: Demo, screen: Callable[[int, int], Page]
) -> None:
    tablet = screen(1180, 820)
    sign_in(tablet, demo, "ms01")
    tablet.goto(f"{demo.pages}/helper/scan/")
    tablet.context.set_offline(True)
    type_code(tablet, "WXYZ-1234-5678")
    expect(tablet.locator("[data-scan-waiting]")).to_contain_text("1 筆等待中")
    tablet.context.set_offline(False)
    kept = tablet.evaluate("({...localStorage})")
    tablet.context.clear_cookies()
    tablet.evaluate("localStorage.clear()")

    sign_in(tablet, demo, "lin")
    tablet.evaluate("(kept) => Object.assign(localStorage, kept)", kept)
    tablet.goto(f"{demo.pages}/helper/scan/")

    expect(tablet.locator("[data-scan-others]")).to_contain_text("1 筆是別人掃的")
    expect(tablet.locator("[data-scan-waiting]")).to_be_hidden()
    expect(tablet.locator("#rows")).not_to_contain_text("WXYZ-1234-5678")


def test_the_camera_reads_the_qr_of_a_pickup(
    demo: Demo,
    screen: Callable[[int, int], Page],
    picture: Callable[[Page, str], None],
) -> None:
    tablet = screen(1180, 820)
    tablet.add_init_script(CAMERA)
    sign_in(tablet, demo, "lin")
    tablet.goto(f"{demo.pages}/helper/bind/")
    drawn = tablet.locator("svg.qr").first.evaluate("(svg) => svg.outerHTML")
    tablet.evaluate("(seen) => sessionStorage.setItem('seen', seen)", drawn)
    tablet.goto(f"{demo.pages}/helper/scan/")

    tablet.get_by_role("button", name="用相機掃描").click()

    expect(tablet.locator("main")).to_contain_text("查無「http")
    picture(tablet, "scan-camera")
