"""The ledger follows the credits: paid, taken back, never changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.attribution import services as attribution
from apps.attribution.invariants import INVARIANTS as CREDIT_INVARIANTS
from apps.commissions import services as commissions
from apps.commissions import tasks
from apps.commissions.invariants import INVARIANTS
from apps.commissions.models import CommissionEntry
from apps.core import clock
from apps.core.errors import Refused
from apps.members.models import Member
from apps.orders.models import Order, Refund
from apps.staff.models import Staff
from tests import make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 21, 12, tzinfo=clock.TAIPEI)
DAY = timedelta(days=1)
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


@pytest.fixture(autouse=True)
def _sound() -> object:
    """Check every invariant after every test."""
    yield
    with connection.cursor() as cursor:
        for name, query in {**CREDIT_INVARIANTS, **INVARIANTS}.items():
            cursor.execute(query)
            assert cursor.fetchall() == [], name


@pytest.fixture
def lin(db: None) -> Staff:
    make.plan()
    return make.staff("林怡君", at=make.store())


@pytest.fixture
def buyer(lin: Staff) -> Member:
    person = make.member()
    posting = lin.postings.get()
    make.bound(person, lin, posting.store, since=NOW - 90 * DAY)
    return person


@pytest.fixture
def finance(db: None) -> Staff:
    return make.staff("財務", role=Staff.Role.FINANCE)


def credited(order: Order, *, now: datetime = NOW) -> Order:
    """Credit the order and let the ledger follow."""
    attribution.credit([order.pk], now=now)
    commissions.accrue([order.pk], now=now)
    return order


def entries() -> list[tuple[str, date, int, int, int]]:
    """Return kind, month, base, rate and amount of every entry."""
    rows = CommissionEntry.objects.order_by("pk")
    return list(rows.values_list("kind", "month", "base", "rate", "amount"))


def test_a_credit_pays_at_the_rate_of_the_orders_day(buyer: Member) -> None:
    make.plan(online=500, since=date(2026, 11, 21))
    credited(make.order(buyer, 5_480, placed_at=NOW))
    assert entries() == [("accrual", NOVEMBER, 5_480, 300, 164)]


def test_the_day_of_the_rate_is_taipeis(buyer: Member) -> None:
    make.plan(online=500, since=date(2026, 11, 21))
    midnight = clock.start_of(date(2026, 11, 21))
    tick = timedelta(microseconds=1)
    credited(make.order(buyer, 1_000, placed_at=midnight - tick), now=NOW + DAY)
    credited(make.order(buyer, 1_000, placed_at=midnight), now=NOW + DAY)
    assert [entry[3] for entry in entries()] == [300, 500]


def test_a_sale_in_a_store_pays_the_stores_rate(lin: Staff) -> None:
    order = make.order(
        None, 2_000, placed_at=NOW, channel="store", seller=lin,
        store=lin.postings.get().store,
    )  # fmt: skip
    credited(order)
    assert entries() == [("accrual", NOVEMBER, 2_000, 100, 20)]


def test_accruing_again_adds_nothing(buyer: Member) -> None:
    order = credited(make.order(buyer, 1_000, placed_at=NOW))
    commissions.accrue([order.pk], now=NOW)
    commissions.accrue(now=NOW)
    assert len(entries()) == 1


def test_the_house_earns_nothing(lin: Staff) -> None:
    credited(make.order(make.member("路人"), 1_000, placed_at=NOW))
    assert entries() == []


def test_another_winner_is_paid_and_the_first_gives_back(
    buyer: Member, lin: Staff
) -> None:
    order = credited(make.order(buyer, 1_000, placed_at=NOW))
    other = make.staff("黃子芸", at=make.store("新竹"))
    attribution.touch(
        "chat_reply", member=buyer, staff=other, store=None, product=None, link=None,
        evidence=("message", 1), now=NOW - DAY,
    )  # fmt: skip
    credited(order)
    assert entries() == [
        ("accrual", NOVEMBER, 1_000, 300, 30),
        ("reversal", NOVEMBER, -1_000, 300, -30),
        ("accrual", NOVEMBER, 1_000, 300, 30),
    ]
    people = CommissionEntry.objects.order_by("pk").values_list("staff", flat=True)
    assert list(people) == [lin.pk, lin.pk, other.pk]


def test_refunds_take_back_in_parts_and_in_full_exactly(buyer: Member) -> None:
    order = credited(make.order(buyer, 1_000, placed_at=NOW))
    line = order.lines.get()
    for part in (333, 333, 334):
        make.refund(line, part, at=NOW + DAY)
        assert commissions.reverse(now=NOW + DAY) == 1
    amounts = [entry[4] for entry in entries()]
    assert amounts == [30, -10, -10, -10]
    assert sum(entry[2] for entry in entries()) == 0


def test_a_refund_keeps_the_original_rate_and_person(buyer: Member, lin: Staff) -> None:
    order = credited(make.order(buyer, 1_000, placed_at=NOW))
    make.plan(online=900, since=date(2026, 11, 21))
    Staff.objects.filter(pk=lin.pk).update(is_active=False)
    make.refund(order.lines.get(), 1_000, at=NOW + 30 * DAY)
    commissions.reverse(now=NOW + 30 * DAY)
    assert entries()[1] == ("reversal", DECEMBER, -1_000, 300, -30)


def test_a_refund_before_its_credit_waits_for_it(
    buyer: Member, drain: Callable[[], list[str]]
) -> None:
    order = make.order(buyer, 1_000, placed_at=NOW)
    refund = make.refund(order.lines.get(), 400, at=NOW)
    assert commissions.reverse([refund.pk], now=NOW) == 0
    attribution.credit([order.pk], now=NOW)
    assert commissions.reverse([refund.pk], now=NOW) == 0
    drain()
    assert [entry[4] for entry in entries()] == [30, -12]
    assert not Refund.objects.filter(reversal_due_at__isnull=False).exists()


def test_a_new_winner_bears_the_refunds_there_were(buyer: Member) -> None:
    order = credited(make.order(buyer, 1_000, placed_at=NOW))
    make.refund(order.lines.get(), 400, at=NOW)
    commissions.reverse(now=NOW)
    other = make.staff("黃子芸")
    attribution.touch(
        "chat_reply", member=buyer, staff=other, store=None, product=None, link=None,
        evidence=("message", 1), now=NOW - DAY,
    )  # fmt: skip
    credited(order)
    assert [entry[4] for entry in entries()] == [30, -12, -18, 30, -12]


def test_after_closing_everything_lands_in_the_open_month(
    buyer: Member, finance: Staff
) -> None:
    order = credited(make.order(buyer, 1_000, placed_at=NOW))
    december = NOW + 20 * DAY
    closed = commissions.close_month(NOVEMBER, by=finance, now=december)
    assert (closed.entries, closed.total) == (1, 30)
    make.refund(order.lines.get(), 1_000, at=NOW + DAY)
    commissions.reverse(now=december)
    credited(make.order(buyer, 500, placed_at=NOW), now=december)
    assert [entry[1] for entry in entries()] == [NOVEMBER, DECEMBER, DECEMBER]


def test_a_closed_month_is_not_decided_again(buyer: Member, finance: Staff) -> None:
    order = credited(make.order(buyer, 1_000, placed_at=NOW))
    commissions.close_month(NOVEMBER, by=finance, now=NOW + 20 * DAY)
    attribution.touch(
        "chat_reply", member=buyer, staff=make.staff("黃子芸"), store=None,
        product=None, link=None, evidence=("message", 1), now=NOW - DAY,
    )  # fmt: skip
    credited(order, now=NOW + 20 * DAY)
    assert len(entries()) == 1


def test_the_database_refuses_an_entry_in_a_closed_month(
    buyer: Member, finance: Staff
) -> None:
    credited(make.order(buyer, 1_000, placed_at=NOW))
    commissions.close_month(NOVEMBER, by=finance, now=NOW + 20 * DAY)
    entry = CommissionEntry.objects.get()
    entry.pk, entry.cause = None, "again"
    with pytest.raises(IntegrityError, match="is closed"), transaction.atomic():
        entry.save()


@pytest.mark.parametrize(
    ("month", "code"),
    [(DECEMBER, "month_running"), (NOVEMBER, "month_pending")],
)
def test_a_month_is_closed_when_it_is_over_and_nothing_waits(
    buyer: Member, finance: Staff, month: date, code: str
) -> None:
    make.order(buyer, 1_000, placed_at=NOW)
    with pytest.raises(Refused) as refused:
        commissions.close_month(month, by=finance, now=NOW + 20 * DAY)
    assert refused.value.code == code


def test_a_month_is_closed_once(finance: Staff) -> None:
    commissions.close_month(NOVEMBER, by=finance, now=NOW + 20 * DAY)
    with pytest.raises(Refused) as refused:
        commissions.close_month(NOVEMBER, by=finance, now=NOW + 20 * DAY)
    assert refused.value.code == "month_closed"


def test_the_first_plan_may_come_late(finance: Staff) -> None:
    store = make.store()
    lin, buyer = make.staff(at=store), make.member()
    make.bound(buyer, lin, store, since=NOW - DAY)
    credited(make.order(buyer, 1_000, placed_at=NOW))
    assert entries() == []

    def publish(starts_on: date) -> None:
        commissions.publish_plan(
            "標準", starts_on=starts_on, online_rate=300, store_rate=100,
            by=finance, now=NOW,
        )  # fmt: skip

    publish(date(2026, 1, 1))
    tasks.accrue_pending()
    assert [entry[4] for entry in entries()] == [30]
    for day, code in [(date(2026, 1, 1), "plan_taken"), (NOVEMBER, "plan_past")]:
        with pytest.raises(Refused) as refused:
            publish(day)
        assert refused.value.code == code


def test_the_number_of_queries_does_not_grow(buyer: Member) -> None:
    def cost(orders: int) -> int:
        own = [make.order(buyer, 1_000, placed_at=NOW - 9 * DAY) for _ in range(orders)]
        attribution.credit([order.pk for order in own], now=NOW)
        for order in own:
            make.refund(order.lines.get(), 400, at=NOW)
        with CaptureQueriesContext(connection) as queries:
            commissions.accrue(now=NOW)
            commissions.reverse(now=NOW)
        return len(queries)

    cost(1)
    assert cost(2) == cost(20)
