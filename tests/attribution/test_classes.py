"""Carts, coupons, units at the till and shared lines, from the rows to the credits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from apps.attribution import invariants, reports, tasks
from apps.attribution import services as attribution
from apps.attribution.models import Credit, Decision, Policy, Touch
from apps.attribution.rules import DEFAULT
from apps.catalog.models import Product
from apps.core import clock
from apps.loyalty.models import Coupon, CouponIssue, CouponUse
from apps.members.models import Member
from apps.orders.models import Cart, CartLine, LineSeller, Order
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 21, 12, tzinfo=clock.TAIPEI)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _shop(settings: Settings) -> None:
    settings.SHOP_URL = "https://shop.example"


@pytest.fixture
def store(db: None) -> Store:
    return make.store()


@pytest.fixture
def lin(store: Store) -> Staff:
    return make.staff("林怡君", at=store)


@pytest.fixture
def huang(db: None) -> Staff:
    return make.staff("黃子芸", at=make.store("新竹竹北店"))


def cart_of(
    member: Member, staff: Staff, store: Store, goods: Product, at: datetime
) -> CartLine:
    """Put the product's first variant into a cart of the member."""
    cart = Cart.objects.create(
        code=f"c{make.number()}", member=member, store=store, filled_by=staff,
        created_at=at, changed_at=at, expires_at=at + 30 * DAY,
    )  # fmt: skip
    return CartLine.objects.create(
        cart=cart, variant=goods.variants.order_by("sku")[0], quantity=1,
        unit_price=100, added_by=staff, added_at=at,
    )  # fmt: skip


def redeemed(order: Order, staff: Staff, *, issued_at: datetime) -> CouponUse:
    """Redeem on the order a coupon that the person had issued."""
    coupon = Coupon.objects.create(name="滿千折百", issued=1, created_at=issued_at)
    issue = CouponIssue.objects.create(
        coupon=coupon, member=order.member, code=f"X{make.number()}",
        key=f"X{make.number()}", source="staff", issued_by=staff, issued_at=issued_at,
    )  # fmt: skip
    return CouponUse.objects.create(
        issue=issue, state="redeemed", trigger="web", order_source=order.source,
        order_external_id=order.external_id, channel="web", at=order.placed_at,
        redeemed_at=order.placed_at,
    )  # fmt: skip


def bought(buyer: Member, goods: Product, *amounts: int) -> Order:
    """Return a web order of the product's first variant."""
    order = make.order(buyer, *amounts, placed_at=NOW, product=goods)
    order.lines.update(sku=goods.variants.order_by("sku")[0].sku)
    return order


def winners(order: Order) -> list[tuple[str, int | None]]:
    """Return the class and person of each line's credits in force."""
    own = Credit.objects.filter(line__order=order, superseded_at=None)
    return list(
        own.order_by("line", "-share", "pk").values_list("decision__basis", "staff")
    )


def check_invariants() -> None:
    """Assert what must never be true of credits."""
    with connection.cursor() as cursor:
        for name, query in invariants.INVARIANTS.items():
            cursor.execute(query)
            assert cursor.fetchall() == [], name


def test_a_line_that_staff_put_into_the_cart_is_theirs_and_no_other(
    lin: Staff, huang: Staff, store: Store
) -> None:
    buyer, coat = make.member(), make.product()
    knit = make.product("knit-01")
    make.bound(buyer, huang, store, since=NOW - 90 * DAY)
    cart_of(buyer, lin, store, coat, NOW - DAY)
    order = bought(buyer, coat, 3_280, 990)
    order.lines.filter(net=990).update(product=knit, sku="knit-01-M")
    attribution.credit([order.pk], now=NOW)
    assert winners(order) == [("cart", lin.pk), ("binding", huang.pk)]
    told = reports.explain(order, viewer=make.staff(role=Staff.Role.ADMIN), now=NOW)
    assert told.verdict is not None
    assert "這個品項是林怡君" in told.verdict.sentence
    kinds = [row.kind for row in told.timeline if row.status == "won"]
    assert "cart_built" in kinds
    check_invariants()


def test_a_cart_that_also_left_a_touch_counts_once(lin: Staff, store: Store) -> None:
    buyer, coat = make.member(), make.product()
    line = cart_of(buyer, lin, store, coat, NOW - DAY)
    attribution.touch(
        Touch.Kind.CART_BUILT, member=buyer, staff=lin, store=store, product=coat,
        link=None, evidence=line, now=NOW - DAY,
    )  # fmt: skip
    order = bought(buyer, coat, 3_280)
    attribution.credit([order.pk], now=NOW)
    [decision] = Decision.objects.all()
    assert decision.basis == "cart"
    assert decision.candidates[0]["times"] == 1


def test_a_coupon_is_whose_who_issued_it(lin: Staff, huang: Staff) -> None:
    buyer, coat = make.member(), make.product()
    link = attribution.make_link(huang, None, member=buyer, product=coat, now=NOW - DAY)
    attribution.follow_link(link.code, visitor="v", now=NOW - MINUTE)
    order = bought(buyer, coat, 3_280)
    use = redeemed(order, lin, issued_at=NOW - 9 * DAY)
    attribution.credit([order.pk], now=NOW)
    assert winners(order) == [("coupon", lin.pk)]
    told = reports.explain(order, viewer=make.staff(role=Staff.Role.ADMIN), now=NOW)
    assert told.verdict is not None
    assert "發的優惠券" in told.verdict.sentence
    assert ("coupon_issued", "won") in {(r.kind, r.status) for r in told.timeline}

    CouponUse.objects.filter(pk=use.pk).update(state="voided", voided_at=NOW)
    attribution.credit([order.pk], now=NOW)
    assert winners(order) == [("link", huang.pk)]


def test_a_coupon_that_hq_issued_earns_nobody_anything(lin: Staff) -> None:
    buyer, coat = make.member(), make.product()
    order = bought(buyer, coat, 3_280)
    redeemed(order, make.staff(role=Staff.Role.MARKETING), issued_at=NOW - DAY)
    attribution.credit([order.pk], now=NOW)
    assert winners(order) == [("house", None)]


def test_a_coupon_told_late_has_its_own_order_credited_again(
    lin: Staff, drain: Callable[[], list[str]]
) -> None:
    buyer, coat = make.member(), make.product()
    order, other = bought(buyer, coat, 3_280), bought(buyer, coat, 100)
    tasks.credit_pending()
    use = redeemed(order, lin, issued_at=NOW - DAY)
    attribution.touch(
        Touch.Kind.COUPON_REDEEMED, member=buyer, staff=lin, store=None, product=None,
        link=None, evidence=use, now=NOW,
    )  # fmt: skip
    waiting = Order.objects.filter(credit_due_at__isnull=False)
    assert [row.pk for row in waiting] == [order.pk]
    drain()
    assert winners(order) == [("coupon", lin.pk)]
    assert winners(other) == [("house", None)]


def test_units_at_the_till_are_paid_to_who_sold_them(
    lin: Staff, huang: Staff, store: Store
) -> None:
    order = make.order(
        make.member(), 2_970, placed_at=NOW, channel="store", store=store, seller=lin
    )
    line = order.lines.get()
    order.lines.update(quantity=3, unit_price=990)
    LineSeller.objects.create(line=line, staff=lin, quantity=1)
    LineSeller.objects.create(line=line, staff=huang, quantity=2)
    attribution.credit([order.pk], now=NOW)
    own = Credit.objects.order_by("-amount").values_list("staff", "share", "amount")
    assert list(own) == [(huang.pk, 6_667, 1_980), (lin.pk, 3_333, 990)]
    assert attribution.credit([order.pk], now=NOW).decided == 0
    told = reports.explain(order, viewer=make.staff(role=Staff.Role.ADMIN), now=NOW)
    assert told.lines[0].who == "黃子芸 66.67%、林怡君 33.33%"
    check_invariants()


def test_a_policy_may_share_lines_out(lin: Staff, huang: Staff, store: Store) -> None:
    Policy.objects.create(
        version=1,
        effective_from=NOW - 900 * DAY,
        rules={
            **DEFAULT.as_json(),
            "parts": [["winner", 7_000], ["binding", 2_000]],
        },
    )
    buyer, coat = make.member(), make.product()
    make.bound(buyer, huang, store, since=NOW - 90 * DAY)
    cart_of(buyer, lin, store, coat, NOW - DAY)
    order = bought(buyer, coat, 1_001)
    attribution.credit([order.pk], now=NOW)
    own = Credit.objects.order_by("-share").values_list("staff", "share", "amount")
    assert list(own) == [
        (lin.pk, 7_000, 701), (huang.pk, 2_000, 200), (None, 1_000, 100)
    ]  # fmt: skip
    told = reports.explain(order, viewer=make.staff(role=Staff.Role.ADMIN), now=NOW)
    assert told.verdict is not None
    assert "依規則分配：林怡君 70%、黃子芸 20%、總部或門市 10%" in told.verdict.sentence
    check_invariants()


def test_the_database_refuses_shares_that_do_not_sum_to_the_whole(lin: Staff) -> None:
    order = make.order(make.member(), 1_000, placed_at=NOW)
    attribution.credit([order.pk], now=NOW)
    connection.cursor().execute("set constraints all immediate")
    with pytest.raises(IntegrityError), transaction.atomic():
        Credit.objects.update(share=9_999)


def test_a_campaigns_click_has_nobody_behind_it_and_earns_nothing(lin: Staff) -> None:
    buyer = make.member()
    about: dict[str, Any] = {
        "member": buyer, "store": None, "product": None, "link": None
    }  # fmt: skip
    attribution.touch(
        Touch.Kind.CAMPAIGN_CLICK, staff=None, evidence=("delivery", 7),
        now=NOW - MINUTE, **about,
    )  # fmt: skip
    order = make.order(buyer, 1_000, placed_at=NOW)
    attribution.credit([order.pk], now=NOW)
    assert winners(order) == [("house", None)]
    told = reports.explain(order, viewer=make.staff(role=Staff.Role.ADMIN), now=NOW)
    assert "點擊總部的行銷訊息" in {row.title for row in told.timeline}
    with pytest.raises(IntegrityError), transaction.atomic():
        attribution.touch(
            Touch.Kind.CHAT_REPLY, staff=None, evidence=("message", 7), now=NOW, **about
        )


def test_an_older_version_keeps_deciding_as_it_did(lin: Staff, store: Store) -> None:
    old = {
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
    Policy.objects.create(version=1, effective_from=NOW - 900 * DAY, rules=old)
    buyer, coat = make.member(email="lin@example.tw"), make.product()
    Staff.objects.filter(pk=lin.pk).update(email="lin@example.tw")
    make.bound(buyer, lin, store, since=NOW - 90 * DAY)
    cart_of(buyer, lin, store, coat, NOW - DAY)
    order = bought(buyer, coat, 3_280)
    redeemed(order, lin, issued_at=NOW - DAY)
    attribution.credit([order.pk], now=NOW)
    assert winners(order) == [("binding", lin.pk)]


def test_whoever_buys_for_the_sellers_address_is_the_seller(
    lin: Staff, store: Store
) -> None:
    home = "台北市中山區南京東路二段 8 號 3 樓"
    Staff.objects.filter(pk=lin.pk).update(address=home)
    buyer, coat = make.member(), make.product()
    cart_of(buyer, lin, store, coat, NOW - DAY)
    order = bought(buyer, coat, 3_280)
    Order.objects.filter(pk=order.pk).update(ship_to=home.replace("台", "臺"))
    attribution.credit([order.pk], now=NOW)
    assert winners(order) == [("house", None)]
    decision = Decision.objects.get()
    assert decision.is_self_purchase
    assert decision.candidates[0]["status"] == "same_address"
