"""The page that explains a credit, for each class of winner, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import override
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from apps.attribution import services as attribution
from apps.attribution import words
from apps.attribution.models import Basis, Touch
from apps.attribution.rules import Status
from apps.catalog.models import Product
from apps.commissions import services as commissions
from apps.core import clock
from apps.loyalty import services as loyalty
from apps.loyalty.models import Coupon, CouponIssue
from apps.members.models import Member
from apps.orders import services as orders
from apps.orders.models import Order, OrderLine
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
Losers = list[tuple[Basis, "Staff | None", Status]]


@dataclass
class Story:
    """A customer of Huang's who buys a coat, and whom Lin serves too."""

    store: Store = field(default_factory=lambda: make.store("台北中山店"))
    other: Store = field(default_factory=lambda: make.store("新竹竹北店"))
    placed_at: datetime = field(default_factory=lambda: clock.now() - HOUR)

    def __post_init__(self) -> None:
        self.coat: Product = make.product()
        self.buyer: Member = make.member("陳思妤", now=self.placed_at - 300 * DAY)
        self.lin = make.staff("林怡君", at=self.store, name_en="Lin Yi-Chun")
        self.huang = make.staff("黃子芸", at=self.other, name_en="Huang Tzu-Yun")

    def bind(self, to: Staff, *, until: timedelta | None = None) -> None:
        """Bind the buyer since 90 days, to an end so long before the order."""
        at = self.store if to == self.lin else self.other
        end = None if until is None else self.placed_at - until
        make.bound(self.buyer, to, at, since=self.placed_at - 90 * DAY, until=end)

    def reply(self, by: Staff, before: timedelta) -> None:
        """Let the person answer the buyer so long before the order."""
        attribution.touch(
            Touch.Kind.CHAT_REPLY, member=self.buyer, staff=by, store=None,
            product=None, link=None, evidence=("message", make.number()),
            now=self.placed_at - before,
        )  # fmt: skip

    def tap(self, link_of: Staff, before: timedelta) -> None:
        """Let the buyer open the person's link to the coat."""
        link = attribution.make_link(
            link_of, None, member=self.buyer, product=self.coat,
            now=self.placed_at - before,
        )  # fmt: skip
        attribution.follow_link(
            link.code, visitor="v", now=self.placed_at - before + MINUTE
        )

    def order(self, **fields: Any) -> Order:
        """Let the buyer buy the coat."""
        found = make.order(
            self.buyer, 3_280, placed_at=self.placed_at, product=self.coat, **fields
        )
        OrderLine.objects.filter(order=found).update(sku="coat-01-M")
        return found


def by_the_till(story: Story) -> tuple[Order, Losers]:
    story.bind(story.huang)
    story.reply(story.huang, HOUR)
    order = story.order(channel="store", store=story.store, seller=story.lin)
    return order, [
        (Basis.CHAT, story.huang, Status.OUTRANKED),
        (Basis.BINDING, story.huang, Status.OUTRANKED),
    ]


def by_a_cart(story: Story) -> tuple[Order, Losers]:
    story.bind(story.huang)
    story.tap(story.huang, 2 * HOUR)
    variant = story.coat.variants.get(sku="coat-01-M")
    cart = orders.fill_cart(
        story.buyer, {variant.pk: 1}, by=story.lin, store=story.store,
        now=story.placed_at - DAY,
    )  # fmt: skip
    return story.order(cart=cart), [
        (Basis.LINK, story.huang, Status.OUTRANKED),
        (Basis.BINDING, story.huang, Status.OUTRANKED),
    ]


def by_a_coupon(story: Story) -> tuple[Order, Losers]:
    story.bind(story.huang)
    story.reply(story.huang, 3 * DAY)
    order, at = story.order(), story.placed_at
    design = Coupon.objects.create(
        name="週年慶折 200", state=Coupon.State.LIVE, amount=200, channels=["web"],
        valid_from=at - 10 * DAY, valid_until=at + 20 * DAY, created_at=at - 9 * DAY,
        is_for_staff=True,
    )  # fmt: skip
    loyalty.issue(
        design, [story.buyer.pk], source="staff", by=story.lin, store=story.store,
        now=at - 2 * DAY,
    )  # fmt: skip
    loyalty.redeem(
        CouponIssue.objects.get().code, basket=loyalty.Basket(channel="web", sum=3_280),
        order_source=order.source, order_external_id=order.external_id,
        member=story.buyer, now=at,
    )  # fmt: skip
    return order, [
        (Basis.CHAT, story.huang, Status.OUTRANKED),
        (Basis.BINDING, story.huang, Status.OUTRANKED),
    ]


def by_a_link(story: Story) -> tuple[Order, Losers]:
    story.bind(story.huang)
    story.tap(story.lin, 2 * HOUR)
    story.reply(story.huang, 30 * MINUTE)
    return story.order(), [
        (Basis.CHAT, story.huang, Status.OUTRANKED),
        (Basis.BINDING, story.huang, Status.OUTRANKED),
    ]


def by_chat(story: Story) -> tuple[Order, Losers]:
    story.bind(story.huang)
    story.tap(story.huang, 31 * DAY)
    story.reply(story.lin, 31 * MINUTE)
    return story.order(), [
        (Basis.LINK, story.huang, Status.EXPIRED),
        (Basis.BINDING, story.huang, Status.OUTRANKED),
    ]


def by_binding(story: Story) -> tuple[Order, Losers]:
    story.bind(story.lin)
    story.reply(story.huang, 8 * DAY)
    return story.order(), [(Basis.CHAT, story.huang, Status.EXPIRED)]


def by_nobody(story: Story) -> tuple[Order, Losers]:
    story.bind(story.huang, until=2 * DAY)
    return story.order(), [(Basis.BINDING, story.huang, Status.ENDED)]


STORIES: dict[Basis, Callable[[Story], tuple[Order, Losers]]] = {
    Basis.POS_SELLER: by_the_till,
    Basis.CART: by_a_cart,
    Basis.COUPON: by_a_coupon,
    Basis.LINK: by_a_link,
    Basis.CHAT: by_chat,
    Basis.BINDING: by_binding,
    Basis.HOUSE: by_nobody,
}
# What the first sentence says of the winner, as HQ reads it.
SENTENCES = {
    Basis.POS_SELLER: "登錄的銷售店員是林怡君",
    Basis.CART: "這個品項是林怡君（台北中山店）1 天前放進購物車的",
    Basis.COUPON: "用了林怡君（台北中山店）2 天前發的優惠券",
    Basis.LINK: "點擊了林怡君（台北中山店）的推廣連結",
    Basis.CHAT: "林怡君（台北中山店）31 分前在對話中回覆",
    Basis.BINDING: "綁定林怡君（台北中山店）已經 90 天",
    Basis.HOUSE: "不分潤",
}


@pytest.fixture(autouse=True, scope="module")
def _beside_the_browsers_loop() -> Iterator[None]:
    """Let Django work in the thread in which the browser's loop runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def hq(transactional_db: None, settings: Settings) -> Staff:
    """Return somebody at HQ, whose pages are served in the clear."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    settings.SHOP_URL = "https://shop.example"
    make.plan()
    return make.staff("許雅筑", role=Staff.Role.ADMIN)


def signed_in(context: BrowserContext, person: Staff, server: LiveServer) -> None:
    """Give the browser the person's session."""
    client = Client()
    client.force_login(person)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies(
        [{"name": name, "value": client.cookies[name].value, "url": server.url}]
    )


def tells(page: Page, basis: Basis, winner: Staff | None, losers: Losers) -> None:
    """Expect the class and the person of the winner, and every loser with its fate."""
    won = page.locator(".ladder li[data-win]")
    expect(won).to_contain_text(words.basis_label(basis))
    if winner:
        expect(won).to_contain_text(winner.label)
        expect(page.locator("h1")).to_contain_text(winner.label)
        expect(page.locator(".verdict")).to_contain_text(words.basis_label(basis))
    for lost, person, status in losers:
        rung = page.locator(".ladder li", has_text=words.basis_label(lost))
        expect(rung).to_contain_text(words.fate(status))
        if person and status is not Status.NO_RECORD:
            expect(rung).to_contain_text(person.label)


@pytest.mark.parametrize("basis", list(STORIES), ids=str)
def test_the_page_tells_the_class_the_winner_and_why_the_others_lost(
    hq: Staff,
    live_server: LiveServer,
    screen: Callable[[int, int], Page],
    picture: Callable[[Page, str], None],
    basis: Basis,
) -> None:
    story = Story()
    order, losers = STORIES[basis](story)
    attribution.credit([order.pk], now=clock.now())
    commissions.accrue(now=clock.now())
    page = screen(1440, 1000)
    signed_in(page.context, hq, live_server)
    winner = None if basis is Basis.HOUSE else story.lin

    page.goto(f"{live_server.url}/hq/credits/{order.pk}/")

    expect(page.locator("html")).to_have_attribute("lang", "zh-Hant-TW")
    expect(page.locator(".verdict")).to_contain_text(SENTENCES[basis])
    with override("zh-hant"):
        tells(page, basis, winner, losers)
    picture(page, f"explain-{basis}")
    page.locator("button[name=language][value=en]").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    with override("en"):
        tells(page, basis, winner, losers)


def test_every_class_has_its_story() -> None:
    # Nobody books yet: bookings come with the rooms for visits.
    assert set(Basis) - STORIES.keys() == {Basis.BOOKING}
