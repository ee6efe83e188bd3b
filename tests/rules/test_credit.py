"""Who earns an order line: a table of named cases that HQ can read, rule by rule."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from apps.attribution.rules import (
    DEFAULT,
    BindingFacts,
    Candidate,
    Decision,
    LineFacts,
    OrderFacts,
    Part,
    Policy,
    Rung,
    StaffFacts,
    Status,
    TouchFacts,
    decide,
)
from apps.core.clock import TAIPEI

# 20 November 2026, 21:12 in Taipei.
PLACED = datetime(2026, 11, 20, 21, 12, tzinfo=TAIPEI)
DAY, MINUTE, TICK = timedelta(days=1), timedelta(minutes=1), timedelta(microseconds=1)
SECOND = timedelta(seconds=1)

LIN = StaffFacts(
    1,
    phone="0912-000-001",
    store_id=10,
    email="Lin@example.tw",
    address="104 臺北市中山區南京東路二段 8 號 3 樓",
)
HUANG = StaffFacts(2, phone="+886912000002", store_id=20)
CHANG = StaffFacts(3, store_id=30)
# Chen's last day was the day before the order, in Taipei.
MIDNIGHT = datetime(2026, 11, 20, tzinfo=TAIPEI)
CHEN = StaffFacts(4, active_until=MIDNIGHT, store_id=40)

COAT, KNIT = 501, 502
WEB = OrderFacts(PLACED, order_id=9)
TILL = replace(WEB, is_online=False, store_id=99, seller=LIN)
ONE = LineFacts(1, COAT, "coat-M")


def click(
    staff: StaffFacts,
    before: timedelta,
    number: int = 1,
    *,
    product_id: int | None = None,
    store_id: int | None = None,
) -> TouchFacts:
    """Return a click on the person's link, so long before the order."""
    at = PLACED - before
    return TouchFacts(number, "link_click", staff, at, store_id, product_id)


def sent(staff: StaffFacts, before: timedelta, number: int = 1) -> TouchFacts:
    """Return a link sent by the person."""
    return TouchFacts(number, "link_sent", staff, PLACED - before)


def chat(staff: StaffFacts, before: timedelta, number: int = 1) -> TouchFacts:
    """Return a reply of the person in the member's conversation."""
    return TouchFacts(number, "chat_reply", staff, PLACED - before)


def cart(
    staff: StaffFacts,
    before: timedelta,
    number: int = 1,
    *,
    product_id: int | None = COAT,
    sku: str = "",
) -> TouchFacts:
    """Return goods put into the buyer's cart by the person."""
    at = PLACED - before
    return TouchFacts(number, "cart_built", staff, at, None, product_id, sku=sku)


def coupon(staff: StaffFacts, before: timedelta, number: int = 1) -> TouchFacts:
    """Return a coupon redeemed on the order; the person issued it so long before."""
    return TouchFacts(number, "coupon_redeemed", staff, PLACED - before)


def served(staff: StaffFacts, before: timedelta, number: int = 1) -> TouchFacts:
    """Return a booking that the person served."""
    return TouchFacts(number, "booking", staff, PLACED - before)


def other(kind: str, staff: StaffFacts = LIN) -> TouchFacts:
    """Return an act of a kind that earns nothing, a minute before."""
    return TouchFacts(1, kind, staff, PLACED - MINUTE)


def bond(
    staff: StaffFacts,
    since: timedelta = 98 * DAY,
    until: timedelta | None = None,
    number: int = 1,
) -> BindingFacts:
    """Return the person's bond to the buyer; `until` is before the order as well."""
    ends = None if until is None else PLACED - until
    return BindingFacts(number, staff, staff.store_id, PLACED - since, ends)


def policy(**changes: object) -> Policy:
    """Return the default policy with the link's rung changed."""
    rungs = tuple(
        replace(rung, **changes) if rung.basis == "link" else rung  # type: ignore[arg-type]
        for rung in DEFAULT.rungs
    )
    return replace(DEFAULT, rungs=rungs)


def ladder(*bases: str) -> Policy:
    """Return the default policy with these classes alone, above the house."""
    days = {"cart": 7, "link": 30, "chat": 7, "booking": 30}
    rungs = [Rung(basis, days=days.get(basis)) for basis in bases]
    return replace(DEFAULT, rungs=(*rungs, Rung("house")))


def shared(winner: int, to: str = "binding", share: int = 3_000) -> Policy:
    """Return the default policy, with lines shared out in basis points."""
    return replace(DEFAULT, parts=(Part("winner", winner), Part(to, share)))


def sold(*units: tuple[StaffFacts, int], quantity: int = 3) -> LineFacts:
    """Return a line of so many pieces with who sold how many of them."""
    return ONE._replace(quantity=quantity, sellers=units)


@dataclass(frozen=True)
class Case:
    """Facts and who earns the line by which class; no staff is a house.

    `shares` are the basis points of each person (0 is the house), where there are many.
    """

    facts: tuple[TouchFacts | BindingFacts, ...]
    basis: str
    staff: StaffFacts | None = None
    order: OrderFacts = WEB
    line: LineFacts = ONE
    policy: Policy = DEFAULT
    store: int | None = None
    shares: tuple[tuple[int, int], ...] = ()


WITHOUT_CHAT = ladder("pos_seller", "cart", "coupon", "link", "binding")
CHAT_FIRST = ladder("chat", "link", "binding")
BOOKED = ladder("link", "chat", "booking", "binding")
# As it was published before carts and coupons had a class.
OLD = Policy.from_json(
    {
        "classes": [
            {"basis": "pos_seller"},
            {"basis": "link", "days": 30, "start": "clicked", "product_first": True},
            {"basis": "chat", "days": 7},
            {"basis": "binding"},
            {"basis": "house"},
        ],
        "exclude_self": True,
        "cooling_off_days": 10,
    }
)
NEW_YEAR = replace(WEB, placed_at=datetime(2027, 1, 1, tzinfo=TAIPEI))
BY_LIN = replace(WEB, buyer_phones=frozenset({"+886912000001"}))
LEAVERS_PASSED = replace(DEFAULT, leaver_to_store=False)

PLAIN: dict[str, Case] = {
    "什麼紀錄都沒有，歸總部": Case((), "house"),
    "門市沒有人登錄，歸那家門市": Case(
        (), "house", order=replace(TILL, seller=None), store=99
    ),
}
AT_THE_TILL: dict[str, Case] = {
    "門市結帳，歸登錄的店員": Case((), "pos_seller", LIN, TILL, store=99),
    "門市結帳店員勝過推廣連結": Case(
        (click(HUANG, MINUTE),), "pos_seller", LIN, TILL, store=99
    ),
    "門市結帳店員勝過購物車與優惠券": Case(
        (cart(HUANG, DAY), coupon(HUANG, DAY, 2)), "pos_seller", LIN, TILL, store=99
    ),
    "門市結帳店員勝過綁定": Case((bond(HUANG),), "pos_seller", LIN, TILL, store=99),
    "官網訂單上的銷售店員不算": Case((), "house", order=replace(WEB, seller=LIN)),
    "門市沒登錄店員，仍可歸推廣連結": Case(
        (click(HUANG, DAY),), "link", HUANG, replace(TILL, seller=None), store=20
    ),
    "三件由兩人賣出，依件數分": Case(
        (),
        "pos_seller",
        HUANG,
        TILL,
        sold((LIN, 1), (HUANG, 2)),
        store=99,
        shares=((1, 3_333), (2, 6_667)),
    ),
    "三件由一人全部賣出，不必分": Case(
        (), "pos_seller", HUANG, TILL, sold((HUANG, 3)), store=99
    ),
    "三件只登錄了兩件，其餘歸門市": Case(
        (),
        "pos_seller",
        LIN,
        TILL,
        sold((LIN, 2)),
        store=99,
        shares=((0, 3_333), (1, 6_667)),
    ),
    "三人各賣一件，比例加起來是一": Case(
        (),
        "pos_seller",
        LIN,
        TILL,
        sold((LIN, 1), (HUANG, 1), (CHANG, 1)),
        store=99,
        shares=((1, 3_334), (2, 3_333), (3, 3_333)),
    ),
    "其中一人是買家本人，那幾件歸門市": Case(
        (),
        "pos_seller",
        HUANG,
        replace(TILL, buyer_phones=frozenset({"0912000001"})),
        sold((LIN, 1), (HUANG, 2)),
        store=99,
        shares=((0, 3_333), (2, 6_667)),
    ),
}
CARTS: dict[str, Case] = {
    "店員放進購物車的品項，歸那位店員": Case((cart(LIN, DAY),), "cart", LIN, store=10),
    "購物車勝過更晚的推廣連結": Case(
        (cart(LIN, 5 * DAY), click(HUANG, MINUTE, 2)), "cart", LIN, store=10
    ),
    "購物車勝過優惠券": Case(
        (cart(LIN, DAY), coupon(HUANG, MINUTE, 2)), "cart", LIN, store=10
    ),
    "購物車放的是別的商品，不算": Case(
        (cart(LIN, DAY, product_id=KNIT), bond(HUANG)), "binding", HUANG, store=20
    ),
    "購物車放的是同商品的別款尺寸，不算": Case(
        (cart(LIN, DAY, sku="coat-S"),), "house"
    ),
    "購物車放的正是這個款式": Case(
        (cart(LIN, DAY, sku="coat-M", product_id=None),), "cart", LIN, store=10
    ),
    "購物車不知道是什麼商品，不算": Case((cart(LIN, DAY, product_id=None),), "house"),
    "兩位店員都放過，以最後放的為準": Case(
        (cart(LIN, 2 * DAY), cart(HUANG, DAY, 2)), "cart", HUANG, store=20
    ),
    "購物車滿七天前最後一微秒仍算": Case(
        (cart(LIN, 7 * DAY - TICK),), "cart", LIN, store=10
    ),
    "購物車剛好滿七天已過期": Case((cart(LIN, 7 * DAY),), "house"),
    "下單當下才放進購物車，太晚": Case((cart(LIN, timedelta(0)),), "house"),
    "下單前一微秒放進購物車仍算": Case((cart(LIN, TICK),), "cart", LIN, store=10),
    "顧客打開購物車，本身不算": Case((other("cart_opened"),), "house"),
}
COUPONS: dict[str, Case] = {
    "用了店員發的優惠券，歸發券的店員": Case(
        (coupon(LIN, DAY),), "coupon", LIN, store=10
    ),
    "優惠券勝過推廣連結": Case(
        (coupon(LIN, 3 * DAY), click(HUANG, MINUTE, 2)), "coupon", LIN, store=10
    ),
    "很久以前發的優惠券，用得掉就算": Case(
        (coupon(LIN, 200 * DAY),), "coupon", LIN, store=10
    ),
    "一筆用了兩張券，以後發的為準": Case(
        (coupon(LIN, 9 * DAY), coupon(HUANG, DAY, 2)), "coupon", HUANG, store=20
    ),
    "下單當下才發的優惠券，不算": Case((coupon(LIN, timedelta(0)),), "house"),
    "下單後才補發的優惠券，不算": Case((coupon(LIN, -MINUTE),), "house"),
    "只發了優惠券而沒用，不算": Case((other("coupon_issued"),), "house"),
}
LINKS: dict[str, Case] = {
    "點擊推廣連結，歸那位店員": Case((click(LIN, MINUTE),), "link", LIN, store=10),
    "業績歸連結上的門市": Case(
        (click(LIN, MINUTE, store_id=77),), "link", LIN, store=77
    ),
    "推廣連結勝過更晚的對話": Case(
        (click(LIN, 5 * DAY), chat(HUANG, MINUTE)), "link", LIN, store=10
    ),
    "推廣連結勝過綁定": Case((click(LIN, DAY), bond(HUANG)), "link", LIN, store=10),
    "兩條連結，後點的為準": Case(
        (click(LIN, 2 * DAY), click(HUANG, DAY, 2)), "link", HUANG, store=20
    ),
    "同一秒的點擊，先寫入的為準": Case(
        (click(LIN, MINUTE, 8), click(HUANG, MINUTE, 7)), "link", HUANG, store=20
    ),
    "同一秒內差一微秒，仍以先寫入的為準": Case(
        (click(LIN, MINUTE, 8), click(HUANG, MINUTE - TICK, 9)), "link", LIN, store=10
    ),
    "差一秒，就以晚的為準": Case(
        (click(LIN, MINUTE, 8), click(HUANG, MINUTE - SECOND, 9)),
        "link",
        HUANG,
        store=20,
    ),
    "同商品的連結勝過較晚的別商品連結": Case(
        (click(LIN, 9 * DAY, product_id=COAT), click(HUANG, DAY, 2, product_id=KNIT)),
        "link",
        LIN,
        store=10,
    ),
    "沒有同商品的連結，別商品的也算": Case(
        (click(HUANG, DAY, product_id=KNIT),), "link", HUANG, store=20
    ),
    "兩條都是同商品，後點的為準": Case(
        (click(LIN, 9 * DAY, product_id=COAT), click(HUANG, DAY, 2, product_id=COAT)),
        "link",
        HUANG,
        store=20,
    ),
    "沒有商品的連結不算同商品": Case(
        (click(LIN, DAY), click(HUANG, 2 * DAY, 2, product_id=COAT)),
        "link",
        HUANG,
        store=20,
    ),
    "品項不知道是什麼商品，取最後的連結": Case(
        (click(LIN, 2 * DAY, product_id=COAT), click(HUANG, DAY, 2)),
        "link",
        HUANG,
        line=LineFacts(1),
        store=20,
    ),
    "規則可以不看商品": Case(
        (click(LIN, 9 * DAY, product_id=COAT), click(HUANG, DAY, 2)),
        "link",
        HUANG,
        policy=policy(product_first=False),
        store=20,
    ),
    "同商品的連結過期了就不算": Case(
        (click(LIN, 31 * DAY, product_id=COAT), click(HUANG, DAY, 2)),
        "link",
        HUANG,
        store=20,
    ),
    "滿三十天前最後一微秒的點擊仍算": Case(
        (click(LIN, 30 * DAY - TICK),), "link", LIN, store=10
    ),
    "剛好三十天前的點擊已過期": Case((click(LIN, 30 * DAY),), "house"),
    "下單前一微秒的點擊仍算": Case((click(LIN, TICK),), "link", LIN, store=10),
    "與下單同時的點擊太晚": Case((click(LIN, timedelta(0)),), "house"),
    "下單後的點擊太晚": Case((click(LIN, -MINUTE),), "house"),
    "規則可以把天數改短": Case(
        (click(LIN, 14 * DAY),), "house", policy=policy(days=14)
    ),
    "傳了連結但沒有點擊，不算": Case((sent(LIN, MINUTE),), "house"),
    "規則可以從傳送起算": Case(
        (sent(LIN, MINUTE),), "link", LIN, policy=policy(start="sent"), store=10
    ),
    "從傳送起算時，點擊不算": Case(
        (sent(LIN, 40 * DAY), click(LIN, MINUTE, 2)),
        "house",
        policy=policy(start="sent"),
    ),
}
CHATS: dict[str, Case] = {
    "對話中回覆，歸那位店員": Case((chat(LIN, DAY),), "chat", LIN, store=10),
    "滿七天前最後一微秒的回覆仍算": Case(
        (chat(LIN, 7 * DAY - TICK),), "chat", LIN, store=10
    ),
    "剛好七天前的回覆已過期": Case((chat(LIN, 7 * DAY),), "house"),
    "對話勝過綁定": Case((chat(LIN, DAY), bond(HUANG)), "chat", LIN, store=10),
    "兩人都回覆過，後回的為準": Case(
        (chat(LIN, 2 * DAY), chat(HUANG, DAY, 2)), "chat", HUANG, store=20
    ),
    "規則沒有對話協助時不看對話": Case(
        (chat(LIN, DAY), bond(HUANG)), "binding", HUANG, policy=WITHOUT_CHAT, store=20
    ),
    "規則可以讓對話高於連結": Case(
        (chat(LIN, DAY), click(HUANG, MINUTE, 2)),
        "chat",
        LIN,
        policy=CHAT_FIRST,
        store=10,
    ),
}
BOOKINGS: dict[str, Case] = {
    "預設規則不看預約服務": Case((served(LIN, DAY),), "house"),
    "規則可以採用預約服務": Case(
        (served(LIN, DAY), bond(HUANG)), "booking", LIN, policy=BOOKED, store=10
    ),
    "預約服務滿三十天已過期": Case((served(LIN, 30 * DAY),), "house", policy=BOOKED),
    "對話高於預約服務": Case(
        (served(LIN, MINUTE), chat(HUANG, DAY, 2)),
        "chat",
        HUANG,
        policy=BOOKED,
        store=20,
    ),
    "行銷訊息的點擊永遠不認列": Case((other("campaign_click"),), "house"),
    "沒聽過的紀錄不算": Case((other("wave"),), "house"),
}
BONDS: dict[str, Case] = {
    "沒有別的紀錄時歸綁定的店員": Case((bond(LIN),), "binding", LIN, store=10),
    "與下單同時開始的綁定算": Case(
        (bond(LIN, timedelta(0)),), "binding", LIN, store=10
    ),
    "下單後一微秒才開始的綁定太晚": Case((bond(LIN, -TICK),), "house"),
    "與下單同時結束的綁定已結束": Case((bond(LIN, until=timedelta(0)),), "house"),
    "下單後一微秒才結束的綁定仍有效": Case(
        (bond(LIN, until=-TICK),), "binding", LIN, store=10
    ),
    "前後兩段綁定，取下單時有效的": Case(
        (bond(LIN, until=3 * DAY), bond(HUANG, 3 * DAY, number=2)),
        "binding",
        HUANG,
        store=20,
    ),
    "連結過期，退到綁定": Case(
        (click(HUANG, 30 * DAY), bond(LIN)), "binding", LIN, store=10
    ),
}
LEAVERS: dict[str, Case] = {
    "離職店員的連結，業績歸門市": Case((click(CHEN, DAY),), "link", None, store=40),
    "離職店員的連結仍高於綁定": Case(
        (click(CHEN, DAY), bond(LIN)), "link", None, store=40
    ),
    "最後上班日最後一微秒仍歸本人": Case(
        (click(CHEN, DAY),),
        "link",
        CHEN,
        replace(WEB, placed_at=MIDNIGHT - TICK),
        store=40,
    ),
    "台北時間零時起不再歸本人": Case(
        (click(CHEN, DAY),), "link", None, replace(WEB, placed_at=MIDNIGHT), store=40
    ),
    "台北零時是世界標準時間下午四點": Case(
        (click(CHEN, DAY),),
        "link",
        None,
        replace(WEB, placed_at=datetime(2026, 11, 19, 16, tzinfo=UTC)),
        store=40,
    ),
    "規則可以跳過離職的店員": Case(
        (click(CHEN, DAY), bond(LIN)), "binding", LIN, policy=LEAVERS_PASSED, store=10
    ),
    "跳過離職店員而沒有別人，歸總部": Case(
        (click(CHEN, DAY),), "house", policy=LEAVERS_PASSED
    ),
    "元旦零時前一微秒的點擊": Case(
        (TouchFacts(1, "link_click", LIN, NEW_YEAR.placed_at - TICK),),
        "link",
        LIN,
        NEW_YEAR,
        store=10,
    ),
}
OWN_PURCHASES: dict[str, Case] = {
    "自己買給自己，不認列": Case(
        (click(LIN, MINUTE), chat(LIN, MINUTE, 2), bond(LIN)), "house", order=BY_LIN
    ),
    "自己放進自己的購物車，不認列": Case((cart(LIN, DAY),), "house", order=BY_LIN),
    "店員買東西，同事照樣認列": Case(
        (click(LIN, MINUTE), bond(HUANG)), "binding", HUANG, BY_LIN, store=20
    ),
    "自己替自己結帳，歸門市": Case(
        (),
        "house",
        order=replace(TILL, buyer_phones=frozenset({"0912000001"})),
        store=99,
    ),
    "買家有幾支手機，一支相同就算本人": Case(
        (bond(HUANG),),
        "house",
        order=replace(WEB, buyer_phones=frozenset({"+886922", "0912 000 002"})),
    ),
    "電子郵件相同也算本人": Case(
        (click(LIN, DAY), bond(HUANG)),
        "binding",
        HUANG,
        replace(WEB, buyer_emails=frozenset({"lin@EXAMPLE.tw"})),
        store=20,
    ),
    "寄到店員家也算本人": Case(
        (click(LIN, DAY),),
        "house",
        order=replace(WEB, ship_to="台北市中山區南京東路二段８號３樓"),
    ),
    "寄到隔壁樓層不算本人": Case(
        (click(LIN, DAY),),
        "link",
        LIN,
        replace(WEB, ship_to="台北市中山區南京東路二段8號4樓"),
        store=10,
    ),
    "規則可以不看電子郵件": Case(
        (click(LIN, DAY),),
        "link",
        LIN,
        replace(WEB, buyer_emails=frozenset({"lin@example.tw"})),
        policy=replace(DEFAULT, exclude_email=False),
        store=10,
    ),
    "規則可以允許自己買給自己": Case(
        (bond(LIN),),
        "binding",
        LIN,
        BY_LIN,
        policy=replace(DEFAULT, exclude_self=False),
        store=10,
    ),
    "店員沒留手機，不會是任何人": Case(
        (bond(CHANG),),
        "binding",
        CHANG,
        replace(WEB, buyer_phones=frozenset({""})),
        store=30,
    ),
}
SHARES: dict[str, Case] = {
    "分配七比三": Case(
        (click(LIN, DAY), bond(HUANG)),
        "link",
        LIN,
        policy=shared(7_000),
        store=10,
        shares=((1, 7_000), (2, 3_000)),
    ),
    "分配時綁定的就是取得的店員，全部歸他": Case(
        (click(LIN, DAY), bond(LIN)), "link", LIN, policy=shared(7_000), store=10
    ),
    "分配時沒有綁定，全部歸取得的店員": Case(
        (click(LIN, DAY),), "link", LIN, policy=shared(7_000), store=10
    ),
    "分配加起來不到一，其餘歸總部": Case(
        (click(LIN, DAY), bond(HUANG)),
        "link",
        LIN,
        policy=shared(6_000),
        store=10,
        shares=((0, 1_000), (1, 6_000), (2, 3_000)),
    ),
    "分配時綁定已結束，不分給他": Case(
        (click(LIN, DAY), bond(HUANG, until=DAY)),
        "link",
        LIN,
        policy=shared(7_000),
        store=10,
    ),
    "沒有店員取得時不分配": Case((), "house", policy=shared(7_000)),
    "件數與分配一起算": Case(
        (bond(CHANG),),
        "pos_seller",
        HUANG,
        TILL,
        sold((LIN, 1), (HUANG, 2)),
        shared(7_000),
        99,
        ((1, 2_333), (2, 4_667), (3, 3_000)),
    ),
    "取得的店員已離職，他的部分歸門市": Case(
        (click(CHEN, DAY), bond(LIN)),
        "link",
        None,
        policy=shared(7_000),
        store=40,
        shares=((0, 7_000), (1, 3_000)),
    ),
}
BEFORE: dict[str, Case] = {
    "舊版規則不看購物車": Case(
        (cart(LIN, DAY), bond(HUANG)), "binding", HUANG, policy=OLD, store=20
    ),
    "舊版規則不看優惠券": Case((coupon(LIN, DAY),), "house", policy=OLD),
    "舊版規則不看電子郵件與地址": Case(
        (click(LIN, DAY),),
        "link",
        LIN,
        replace(
            WEB,
            buyer_emails=frozenset({"lin@example.tw"}),
            ship_to="台北市中山區南京東路二段8號3樓",
        ),
        policy=OLD,
        store=10,
    ),
    "舊版規則的離職店員仍歸門市": Case(
        (click(CHEN, DAY), bond(LIN)), "link", None, policy=OLD, store=40
    ),
}
CASES = {
    **PLAIN, **AT_THE_TILL, **CARTS, **COUPONS, **LINKS, **CHATS, **BOOKINGS, **BONDS,
    **LEAVERS, **OWN_PURCHASES, **SHARES, **BEFORE,
}  # fmt: skip


def decided(case: Case, *, shuffled: int | None = None) -> Decision:
    """Return the case's decision, the facts given in another order where asked."""
    facts = list(case.facts)
    if shuffled is not None:
        random.Random(shuffled).shuffle(facts)
    touches = [fact for fact in facts if isinstance(fact, TouchFacts)]
    bindings = [fact for fact in facts if isinstance(fact, BindingFacts)]
    return decide(case.order, case.line, touches, bindings, case.policy)


@pytest.mark.parametrize("name", CASES)
def test_who_earns_the_line(name: str) -> None:
    case = CASES[name]
    decision = decided(case)
    staff_id = case.staff.id if case.staff else None
    got = (decision.basis, decision.staff_id, decision.store_id)
    assert got == (case.basis, staff_id, case.store)
    shares = tuple(sorted((own.staff_id or 0, own.share) for own in decision.shares))
    assert shares == (case.shares or ((staff_id or 0, 10_000),))
    took = {Status.WON, Status.INACTIVE}
    assert sum(c.status in took for c in decision.candidates) == 1
    assert all(decided(case, shuffled=seed) == decision for seed in range(5))


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 60


def status_of(staff: StaffFacts, *facts: TouchFacts | BindingFacts) -> list[str]:
    """Return what became of the person's candidacies on the web order."""
    decision = decided(Case(facts, "", order=BY_LIN))
    return [c.status.value for c in decision.candidates if c.staff_id == staff.id]


def test_every_loser_is_told_why() -> None:
    winner = click(HUANG, DAY, 1, product_id=COAT)
    assert status_of(CHANG, winner, click(CHANG, 2 * DAY, 2)) == ["product_won"]
    assert status_of(CHANG, click(HUANG, DAY), click(CHANG, 2 * DAY, 2)) == [
        "later_won"
    ]
    assert status_of(CHANG, winner, chat(CHANG, DAY, 2)) == ["outranked"]
    assert status_of(CHANG, winner, bond(CHANG)) == ["outranked"]
    assert status_of(CHANG, winner, click(CHANG, 31 * DAY, 2)) == ["expired"]
    assert status_of(CHANG, winner, chat(CHANG, -MINUTE, 2)) == ["after_order"]
    assert status_of(CHANG, winner, bond(CHANG, until=DAY)) == ["ended"]
    assert status_of(CHANG, winner, cart(CHANG, DAY, 2, product_id=KNIT)) == [
        "other_goods"
    ]
    assert status_of(LIN, winner, chat(LIN, DAY, 2)) == ["excluded_self"]
    assert status_of(CHEN, click(CHEN, DAY)) == ["inactive"]


def test_who_shares_the_line_is_told_so() -> None:
    case = SHARES["分配加起來不到一，其餘歸總部"]
    told = [(c.basis, c.status.value) for c in decided(case).candidates]
    assert told == [("link", "won"), ("binding", "shared"), ("house", "shared")]


def test_by_what_somebody_is_the_buyer_is_told() -> None:
    by_email = decided(OWN_PURCHASES["電子郵件相同也算本人"])
    by_address = decided(OWN_PURCHASES["寄到店員家也算本人"])
    assert by_email.candidates[0].status is Status.SAME_EMAIL
    assert by_address.candidates[0].status is Status.SAME_ADDRESS
    assert by_email.is_self_purchase
    assert by_address.is_self_purchase


def test_units_split_the_money_exactly() -> None:
    decision = decided(AT_THE_TILL["三件由兩人賣出，依件數分"])
    by_person = dict(
        zip([own.staff_id for own in decision.shares], decision.amounts(2_970),
            strict=True)
    )  # fmt: skip
    assert by_person == {LIN.id: 990, HUANG.id: 1_980}


def test_a_person_is_a_candidate_once_a_class_with_the_best_act() -> None:
    facts = [chat(LIN, (9 - n) * DAY, n) for n in range(1, 7)]
    decision = decide(WEB, ONE, facts, [], DEFAULT)
    [own] = [c for c in decision.candidates if c.staff_id == LIN.id]
    assert (own.times, own.evidence_id, own.at) == (6, "6", PLACED - 3 * DAY)


def test_the_house_stands_last_whoever_won() -> None:
    decision = decide(WEB, ONE, [chat(LIN, DAY)], [], DEFAULT)
    assert decision.candidates[-1].basis == "house"
    assert decision.candidates[-1].status is Status.UNUSED


@pytest.mark.parametrize("name", CASES)
def test_a_candidate_survives_being_stored(name: str) -> None:
    decision = decided(CASES[name])
    stored = json.loads(decision.text)
    assert stored == [candidate.as_json() for candidate in decision.candidates]
    assert tuple(map(Candidate.from_json, stored)) == decision.candidates


def test_buying_from_oneself_is_flagged() -> None:
    decision = decide(BY_LIN, ONE, [chat(LIN, DAY)], [bond(HUANG)], DEFAULT)
    assert decision.is_self_purchase
    assert decision.people == [LIN.id, HUANG.id]


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"classes": []},
        {"classes": [{"basis": "link", "days": 30}]},
        {"classes": [{"basis": "house"}, {"basis": "binding"}]},
        {"classes": [{"basis": "house"}, {"basis": "house"}]},
        {"classes": [{"basis": "luck"}, {"basis": "house"}]},
        {"classes": [{"basis": "link"}, {"basis": "house"}]},
        {"classes": [{"basis": "cart"}, {"basis": "house"}]},
        {"classes": [{"basis": "link", "days": 0}, {"basis": "house"}]},
        {"classes": [{"basis": "chat", "days": "7"}, {"basis": "house"}]},
        {"classes": [{"basis": "link", "days": 9, "start": "x"}, {"basis": "house"}]},
        {"classes": [{"basis": "house"}], "cooling_off_days": -1},
        {"classes": [{"basis": "house"}], "parts": [["binding", 10_000]]},
        {"classes": [{"basis": "house"}], "parts": [["winner", 99]]},
        {"classes": [{"basis": "house"}], "parts": [["winner", 100], ["binding", 100]]},
        {
            "classes": [{"basis": "binding"}, {"basis": "house"}],
            "parts": [["winner", 7_001], ["binding", 3_000]],
        },
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(rules: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Policy.from_json(rules)


@pytest.mark.parametrize(
    "rules",
    [DEFAULT, CHAT_FIRST, BOOKED, LEAVERS_PASSED, OLD, shared(6_000),
     policy(start="sent", days=14)],
)  # fmt: skip
def test_a_policy_survives_being_stored(rules: Policy) -> None:
    assert Policy.from_json(json.loads(json.dumps(rules.as_json()))) == rules
