"""Orders come in once, whole, and for whoever placed them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ

from apps.attribution import services as attribution
from apps.core import clock
from apps.loyalty.models import Standing, Tier
from apps.members.models import Member, MemberFacts
from apps.orders import services as orders
from apps.orders.models import LineSeller, Order, OrderLine
from tests import make

pytestmark = pytest.mark.usefixtures("_invariants")
NOW = clock.now()
CHEN = orders.CustomerIn("陳思妤", phone="0912-345-678")


def statuses(answers: list[orders.Recorded]) -> list[str]:
    """Return what became of each row."""
    return [answer.status for answer in answers]


def test_an_order_is_recorded_with_its_lines_member_store_and_seller() -> None:
    coat, store, seller = make.product(), make.store(), make.staff()
    row = make.order_in(
        customer=CHEN, channel="store", store_code=store.code, seller_code=seller.code,
        discount=100, shipping=60,
    )  # fmt: skip

    assert statuses(orders.record([row], now=NOW)) == ["new"]

    order = Order.objects.get()
    assert (order.goods, order.discount, order.net) == (5_260, 100, 5_160)
    assert (order.store, order.seller) == (store, seller)
    assert order.member
    assert order.member.name == "陳思妤"
    assert order.credit_due_at == NOW
    first, second = order.lines.all()
    assert first.variant
    assert (first.product, first.variant.sku) == (coat, "coat-01-M")
    assert second.product is None
    assert first.net + second.net == order.net


def test_the_same_payload_again_changes_nothing() -> None:
    row = make.order_in(customer=CHEN)
    orders.record([row], now=NOW)
    attribution.credit([Order.objects.get().pk], now=NOW)
    OrmQ.objects.all().delete()

    assert statuses(orders.record([row, row], now=NOW)) == ["unchanged", "unchanged"]

    assert Order.objects.get().credit_due_at is None
    assert not OrmQ.objects.exists()


def test_a_batch_may_tell_of_an_order_twice() -> None:
    row = make.order_in(paid_at=None)
    paid = replace(row, paid_at=row.placed_at)

    answers = orders.record([row, paid, row], now=NOW)

    assert statuses(answers) == ["new", "changed", "unchanged"]
    assert Order.objects.get().paid_at == paid.paid_at


def test_a_revised_order_replaces_its_lines_and_is_credited_anew() -> None:
    row = make.order_in(customer=CHEN)
    orders.record([row], now=NOW)
    Order.objects.update(credit_due_at=None)
    coat = OrderLine.objects.get(external_id="1")
    bag = orders.LineIn("3", "bag-01", "托特包", 1, 1_680)

    orders.record([replace(row, lines=(bag, row.lines[1]))], now=NOW)

    order = Order.objects.get()
    assert order.net == 1_680 + 1_980
    assert order.credit_due_at == NOW
    coat.refresh_from_db()  # it stays, for credit may point to it
    assert (coat.quantity, coat.net) == (0, 0)


def test_a_row_that_is_not_sound_does_not_keep_the_others_out() -> None:
    bad = make.order_in("A-2", store_code="nowhere")
    worse = make.order_in("A-3", seller_code="nobody")
    worst = make.order_in("A-4", discount=-1)

    answers = orders.record([bad, make.order_in(), worse, worst], now=NOW)

    assert statuses(answers) == ["rejected", "new", "rejected", "rejected"]
    fields = [answer.field for answer in answers]
    assert fields == ["store_code", "", "seller_code", "discount"]
    assert Order.objects.count() == 1


def test_a_version_without_the_customer_keeps_who_is_known() -> None:
    row = make.order_in(customer=CHEN)
    orders.record([row], now=NOW)

    orders.record([replace(row, customer=orders.CustomerIn(), shipping=80)], now=NOW)

    order = Order.objects.get()
    assert (order.shipping, order.member) == (80, Member.objects.get())


def test_facts_and_tier_follow_the_orders() -> None:
    Tier.objects.create(code="basic", name="一般", threshold=0)
    gold = Tier.objects.create(code="gold", name="金卡", threshold=5_000)
    old = make.order_in("A-0", customer=CHEN, placed_at=NOW - timedelta(days=400))
    unpaid = make.order_in("A-2", customer=CHEN, paid_at=None)

    orders.record([old, make.order_in(customer=CHEN), unpaid], now=NOW)

    facts = MemberFacts.objects.get()
    assert (facts.orders, facts.spend, facts.spend_12m) == (2, 10_520, 5_260)
    assert facts.first_order_at == old.placed_at
    assert Standing.objects.get().tier == gold


def test_a_year_later_the_window_has_moved_on() -> None:
    basic = Tier.objects.create(code="basic", name="一般", threshold=0)
    Tier.objects.create(code="gold", name="金卡", threshold=5_000)
    orders.record([make.order_in(customer=CHEN)], now=NOW)
    later = NOW + timedelta(days=366)

    assert orders.slide(now=NOW) == 0
    assert orders.slide(now=later) == 1
    assert orders.slide(now=later) == 0

    assert MemberFacts.objects.get().spend_12m == 0
    assert Standing.objects.get().tier == basic


def test_an_order_that_turns_out_to_be_somebody_elses_leaves_no_trace() -> None:
    row = make.order_in(customer=CHEN)
    orders.record([row], now=NOW)

    orders.record(
        [replace(row, customer=orders.CustomerIn("張", phone="0987654321"))], now=NOW
    )

    spend = MemberFacts.objects.values_list("member__name", "spend")
    assert set(spend) == {("陳思妤", 0), ("張", 5_260)}


def test_a_larger_batch_takes_no_more_queries() -> None:
    make.product()
    counts = []
    for size in (60, 200):
        batch = [
            make.order_in(
                f"{size}-{number}",
                customer=orders.CustomerIn("客", phone=f"0910{size:03d}{number:03d}"),
            )
            for number in range(size)
        ]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            orders.record(batch, now=NOW)
        counts.append(len(queries))
        refunds = [make.refund_in(order=f"{size}-{number}") for number in range(size)]
        with CaptureQueriesContext(connection) as queries:
            orders.record_refunds(refunds, now=NOW)
        counts.append(len(queries))

    assert counts[:2] == counts[2:]
    assert Order.objects.filter(refunded=3_280).count() == 260


def test_a_till_may_say_who_sold_how_many_of_a_line() -> None:
    at = make.store(code="s01")
    lin, chen = (make.staff(code=code, at=at) for code in ("lin", "chen"))

    def told(*sellers: tuple[str, int]) -> list[orders.Recorded]:
        line = orders.LineIn("1", "K1", "衫", 3, 100, sellers=sellers)
        sold = orders.OrderIn("pos", "A1", "store", NOW, (line,), store_code="s01")
        return orders.record([sold], now=NOW)

    assert told(("lin", 2), ("chen", 1))[0].status == "new"
    rows = LineSeller.objects.values_list("staff", "quantity")
    assert set(rows) == {(lin.pk, 2), (chen.pk, 1)}
    assert told(("lin", 3))[0].status == "changed"
    assert set(rows.all()) == {(lin.pk, 3)}


@pytest.mark.parametrize(
    ("sellers", "why"),
    [
        ((("lin", 4),), "sold more units than the line has"),
        ((("lin", 1), ("lin", 1)), "names a salesperson twice"),
        ((("lin", 0),), "must be from 1 to 100000"),
        ((("nobody", 1),), "no salesperson nobody is known"),
    ],
)
def test_sellers_that_cannot_be(sellers: tuple[tuple[str, int], ...], why: str) -> None:
    make.staff(code="lin", at=make.store(code="s01"))
    line = orders.LineIn("1", "K1", "衫", 3, 100, sellers=sellers)
    sold = orders.OrderIn("pos", "A1", "store", NOW, (line,), store_code="s01")

    [answer] = orders.record([sold], now=NOW)

    assert (answer.status, answer.field, answer.why) == (
        "rejected",
        "lines.0.sellers",
        why,
    )
