"""An e-invoice makes the purchase the member's who shows it, once over everybody."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import Error, connection

from apps.core import clock
from apps.core.errors import Refused
from apps.loyalty import services as loyalty
from apps.loyalty.models import LoyaltySettings, PointRule
from apps.members import services as members
from apps.members.models import Member
from apps.orders import services as orders
from apps.orders.models import InvoiceClaim, Order, OrderInvoice
from apps.orders.rules.invoices import Read
from apps.orders.services import invoices, locks
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER, CODE = "AB12345678", "4321"
THREADS = 8


@pytest.fixture(autouse=True)
def _settled(db: None) -> None:
    LoyaltySettings.objects.create(pk=1, invoice_days=30)
    PointRule.objects.create(
        starts_on=date(2024, 1, 1), spend_per_point=100, created_at=clock.now()
    )


def sold(**fields: Any) -> Order:
    """Record a sale of NT$5,260 in nobody's name, with its invoice."""
    invoice = orders.InvoiceIn(NUMBER, random_code=CODE)
    told = make.order_in(**{"invoice": invoice, **fields})
    (answer,) = orders.record([told], now=clock.now())
    assert answer.status in ("new", "changed", "unchanged"), answer
    return Order.objects.get()


def read(**fields: Any) -> Read:
    yesterday = clock.today() - timedelta(days=1)
    return Read(**{
        "number": NUMBER, "issued_on": yesterday, "random_code": CODE, **fields
    })  # fmt: skip


def claim(member: Member, **fields: Any) -> InvoiceClaim:
    return orders.claim_invoice(member, read(**fields), source="typed", now=clock.now())


def points(member: Member) -> int:
    return loyalty.balance(member, now=clock.now()).available


def test_an_invoice_gives_its_points_once_and_a_refund_takes_its_part() -> None:
    order, siyu = sold(), make.member()
    assert order.invoice.shown_number == "AB-12345678"
    done = claim(siyu)
    order.refresh_from_db()
    assert (done.state, done.order, order.member) == ("claimed", order, siyu)
    assert points(siyu) == 52
    assert claim(siyu) == done
    assert points(siyu) == 52
    orders.record_refunds([make.refund_in()], now=clock.now())
    assert points(siyu) == 19
    # A newer version of the order that names nobody leaves it the member's.
    sold(shipping=60)
    order.refresh_from_db()
    assert (order.shipping, order.member) == (60, siyu)


@pytest.mark.parametrize(
    ("fields", "claimed", "reason"),
    [
        ({}, {"random_code": "0000"}, "mismatch"),
        ({"invoice": orders.InvoiceIn(NUMBER)}, {"total": 1}, "mismatch"),
        ({"invoice": orders.InvoiceIn(NUMBER, donated_to="8585")}, {"total": 5_260},
         "donated"),
        ({"status": "cancelled", "cancelled_at": clock.now()}, {}, "cancelled"),
        ({"customer": orders.CustomerIn(phone="0912345678")}, {}, "other_member"),
    ],
)  # fmt: skip
def test_why_one_is_refused(
    fields: dict[str, Any], claimed: dict[str, Any], reason: str
) -> None:
    order, siyu = sold(**fields), make.member()
    done = claim(siyu, **claimed)
    was = order.member_id
    order.refresh_from_db()
    assert (done.state, done.reason) == ("refused", reason)
    assert (order.member_id, points(siyu)) == (was, 0)


def test_the_second_member_is_told_that_it_is_taken() -> None:
    sold()
    first, second = make.member(), make.member("王小明")
    assert claim(first).state == "claimed"
    assert claim(second).reason == "taken"
    mine = make.order_in("A-2", invoice=orders.InvoiceIn("CD00000001"),
                         customer=orders.CustomerIn(card="C1"))  # fmt: skip
    members.link_key(first, "card", "C1", by=None, now=clock.now())
    orders.record([mine], now=clock.now())
    assert claim(first, number="CD00000001", total=5_260).reason == "yours"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"issued_on": clock.today() - timedelta(days=31)}, "invoice_old"),
        ({"issued_on": clock.today() + timedelta(days=1)}, "invoice_future"),
        ({"seller": "12345678"}, "invoice_not_ours"),
    ],
)
def test_what_is_not_even_written_down(fields: dict[str, Any], code: str) -> None:
    LoyaltySettings.objects.update(tax_ids="53212539, 99999999")
    with pytest.raises(Refused) as refusal:
        claim(make.member(), **fields)
    assert refusal.value.code == code
    assert not InvoiceClaim.objects.exists()


def test_who_tries_numbers_out_is_stopped_and_off_is_off() -> None:
    siyu = make.member()
    for place in range(invoices.MOST_A_DAY):
        claim(siyu, number=f"ZZ{place:08}")
    with pytest.raises(Refused) as many:
        claim(siyu)
    LoyaltySettings.objects.all().delete()
    with pytest.raises(Refused) as off:
        claim(make.member())
    assert (many.value.code, off.value.code) == ("invoice_many", "invoice_off")


def test_one_that_comes_before_its_order_waits_for_it(
    drain: Callable[[], list[str]],
) -> None:
    siyu, other = make.member(), make.member("王小明")
    liar = claim(other, random_code="0000")
    done = claim(siyu)
    assert done.state == liar.state == "waiting"
    sold()
    assert invoices.SETTLE in drain()
    done.refresh_from_db()
    liar.refresh_from_db()
    assert (done.state, liar.reason, points(siyu)) == ("claimed", "mismatch", 52)
    assert orders.settle_invoices(now=clock.now()) == 0


def test_of_two_that_wait_the_first_has_it_and_nobody_waits_for_ever() -> None:
    first, second, lost = (make.member() for _n in range(3))
    rows = [claim(first), claim(second), claim(lost, number="ZZ00000001")]
    sold()
    assert orders.settle_invoices(now=clock.now()) == 2
    assert orders.settle_invoices(now=clock.now() + timedelta(days=15)) == 1
    for row in rows:
        row.refresh_from_db()
    assert [(row.state, row.reason) for row in rows] == [
        ("claimed", ""), ("refused", "taken"), ("refused", "not_found"),
    ]  # fmt: skip


def test_an_order_that_names_another_member_later_is_theirs() -> None:
    order, siyu = sold(), make.member()
    done = claim(siyu)
    sold(discount=60, customer=orders.CustomerIn(phone="0912345678"))
    done.refresh_from_db()
    order.refresh_from_db()
    assert order.member != siyu
    assert (done.state, done.reason, points(siyu)) == ("refused", "other_member", 0)


def test_a_number_is_one_orders_and_the_same_payload_is_unchanged() -> None:
    sold()
    twin = make.order_in("A-2", invoice=orders.InvoiceIn(NUMBER))
    orders.record([twin], now=clock.now())
    assert OrderInvoice.objects.get().order.external_id == "A-1"
    again = make.order_in("A-2", invoice=orders.InvoiceIn(NUMBER),
                          placed_at=twin.placed_at)  # fmt: skip
    (answer,) = orders.record([again], now=clock.now())
    assert answer.status == "unchanged"
    bad = make.order_in("A-3", invoice=orders.InvoiceIn("1"))
    (answer,) = orders.record([bad], now=clock.now())
    assert (answer.status, answer.field) == ("rejected", "invoice.number")


def race(people: list[Member], number: str = NUMBER) -> Counter[str]:
    """Let everybody claim the same invoice at the same moment."""
    start = threading.Barrier(len(people))

    def one(member: Member) -> str:
        try:
            with connection.cursor() as cursor:
                cursor.execute("select 1")
            start.wait(timeout=20)
            return claim(member, number=number).state
        except Error as error:
            return type(error).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        return Counter(pool.map(one, people))


@pytest.fixture
def _no_lock_and_no_constraint(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(locks, "hold", lambda keys: list(keys))
    with connection.cursor() as cursor:
        cursor.execute("select pg_get_indexdef('one_claim_an_invoice'::regclass)")
        kept = cursor.fetchone()[0]
        cursor.execute("drop index one_claim_an_invoice")
    yield
    InvoiceClaim.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(kept)


def test_of_many_who_show_one_invoice_one_has_it() -> None:
    sold()
    people = [make.member() for _n in range(THREADS)]
    assert race(people) == {"claimed": 1, "refused": THREADS - 1}
    assert sorted(points(each) for each in people) == [0] * (THREADS - 1) + [52]


@pytest.mark.usefixtures("_no_lock_and_no_constraint")
@pytest.mark.breaks_invariants("the guard is off")
def test_without_lock_and_constraint_several_have_it() -> None:
    def winners(place: int) -> int:
        number = f"TT{place:08}"
        invoice = orders.InvoiceIn(number, random_code=CODE)
        orders.record([make.order_in(f"T-{place}", invoice=invoice)], now=clock.now())
        return race([make.member() for _n in range(THREADS)], number)["claimed"]

    assert any(winners(place) > 1 for place in range(20))
