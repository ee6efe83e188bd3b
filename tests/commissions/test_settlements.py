"""Settling a month: prepared by one, approved by another, then it stands still."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from apps.attribution import services as attribution
from apps.audit.models import AuditEntry
from apps.commissions import rules
from apps.commissions import services as commissions
from apps.commissions.invariants import INVARIANTS
from apps.commissions.models import (
    ClosedMonth,
    CommissionEntry,
    Settlement,
    SettlementLine,
)
from apps.core import clock
from apps.core.errors import Refused
from apps.members.models import Member
from apps.orders.models import Order
from apps.staff.models import Staff
from tests import make

pytestmark = pytest.mark.django_db

SOLD = datetime(2026, 11, 20, 21, 12, tzinfo=clock.TAIPEI)
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
PAYABLE = clock.start_of(date(2026, 12, 11))  # ten days after the month
NEW_YEAR = clock.start_of(date(2027, 1, 11))


@pytest.fixture(autouse=True)
def _sound() -> object:
    """Check every invariant after every test."""
    yield
    with connection.cursor() as cursor:
        for name, query in INVARIANTS.items():
            cursor.execute(query)
            assert cursor.fetchall() == [], name


@pytest.fixture
def lin(db: None) -> Staff:
    make.plan()
    return make.staff("林怡君", at=make.store())


@pytest.fixture
def buyer(lin: Staff) -> Member:
    person = make.member()
    make.bound(person, lin, lin.postings.get().store, since=SOLD - timedelta(days=90))
    return person


@pytest.fixture
def first(db: None) -> Staff:
    return make.staff("財務一", role=Staff.Role.FINANCE)


@pytest.fixture
def second(db: None) -> Staff:
    return make.staff("財務二", role=Staff.Role.FINANCE)


def sold(buyer: Member, amount: int, *, at: datetime = SOLD) -> Order:
    """Sell, credit and accrue."""
    order = make.order(buyer, amount, placed_at=at)
    attribution.credit([order.pk], now=at)
    commissions.accrue(now=at)
    return order


def sent_back(order: Order, *, at: datetime) -> None:
    """Take the whole order back."""
    line = order.lines.get()
    make.refund(line, line.net, at=at)
    commissions.reverse(now=at)


def settled(month: date, first: Staff, second: Staff, *, now: datetime) -> Settlement:
    """Prepare and approve."""
    commissions.prepare_settlement(month, by=first, now=now)
    return commissions.approve_settlement(month, by=second, now=now)


def figures(month: date) -> list[tuple[int, int, int, int, int]]:
    """Return accrued, taken back, carried in, payout and carried out of each line."""
    rows = SettlementLine.objects.filter(settlement__month=month).order_by("staff")
    return list(
        rows.values_list("accrued", "taken_back", "carried_in", "payout", "carried_out")
    )


def refusal(code: str, act: object) -> None:
    """Expect the verb to refuse with the code."""
    with pytest.raises(Refused) as refused:
        act()  # type: ignore[operator]
    assert refused.value.code == code


def test_a_month_is_prepared_approved_and_paid(
    buyer: Member, first: Staff, second: Staff
) -> None:
    sold(buyer, 5_000)
    sent_back(sold(buyer, 1_000), at=SOLD + timedelta(days=2))

    draft = commissions.prepare_settlement(NOVEMBER, by=first, now=PAYABLE)
    assert (draft.state, draft.entries, draft.total) == ("draft", 3, 150)
    assert not ClosedMonth.objects.exists()

    commissions.approve_settlement(NOVEMBER, by=second, now=PAYABLE)
    assert ClosedMonth.objects.get().total == 150
    assert figures(NOVEMBER) == [(180, -30, 0, 150, 0)]

    paid = commissions.mark_settlement_paid(NOVEMBER, by=first, now=PAYABLE)
    assert (paid.state, paid.paid_by) == ("paid", first)
    kept = AuditEntry.objects.filter(action__startswith="commissions.settlement")
    assert kept.count() == 3


def test_whoever_prepared_it_may_not_approve_it(buyer: Member, first: Staff) -> None:
    sold(buyer, 5_000)
    commissions.prepare_settlement(NOVEMBER, by=first, now=PAYABLE)
    refusal(
        "settlement_same_person",
        lambda: commissions.approve_settlement(NOVEMBER, by=first, now=PAYABLE),
    )
    assert not ClosedMonth.objects.exists()
    with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
        Settlement.objects.update(
            state="approved", approved_by=first, approved_at=PAYABLE
        )


def test_it_is_not_approved_within_the_return_window(
    buyer: Member, first: Staff, second: Staff
) -> None:
    sold(buyer, 5_000)
    tick = timedelta(microseconds=1)
    commissions.prepare_settlement(NOVEMBER, by=first, now=PAYABLE - tick)
    refusal(
        "settlement_early",
        lambda: commissions.approve_settlement(NOVEMBER, by=second, now=PAYABLE - tick),
    )
    commissions.approve_settlement(NOVEMBER, by=second, now=PAYABLE)


def test_what_comes_after_the_preparation_is_not_approved_unseen(
    buyer: Member, first: Staff, second: Staff
) -> None:
    sold(buyer, 5_000)
    commissions.prepare_settlement(NOVEMBER, by=first, now=PAYABLE)
    sold(buyer, 700)
    refusal(
        "settlement_stale",
        lambda: commissions.approve_settlement(NOVEMBER, by=second, now=PAYABLE),
    )
    assert not ClosedMonth.objects.exists()
    settled(NOVEMBER, first, second, now=PAYABLE)
    assert figures(NOVEMBER) == [(171, 0, 0, 171, 0)]


def test_a_late_refund_lands_in_the_open_month_and_a_debt_is_carried_over(
    buyer: Member, first: Staff, second: Staff
) -> None:
    order = sold(buyer, 5_000)
    settled(NOVEMBER, first, second, now=PAYABLE)
    sent_back(order, at=PAYABLE)
    sold(buyer, 1_000, at=PAYABLE)
    assert figures(NOVEMBER) == [(150, 0, 0, 150, 0)]

    settled(DECEMBER, first, second, now=NEW_YEAR)
    assert figures(DECEMBER) == [(30, -150, 0, 0, -120)]

    sold(buyer, 10_000, at=NEW_YEAR)
    january = date(2027, 1, 1)
    settled(january, first, second, now=NEW_YEAR + timedelta(days=31))
    assert figures(january) == [(300, 0, -120, 180, 0)]


def test_months_are_settled_in_their_order(
    buyer: Member, first: Staff, second: Staff
) -> None:
    sold(buyer, 1_000)
    sold(buyer, 2_000, at=PAYABLE)
    refusal(
        "settlement_order",
        lambda: commissions.prepare_settlement(DECEMBER, by=first, now=NEW_YEAR),
    )
    settled(NOVEMBER, first, second, now=NEW_YEAR)
    settled(DECEMBER, first, second, now=NEW_YEAR)


def test_verbs_refuse_what_is_out_of_turn(
    buyer: Member, first: Staff, second: Staff
) -> None:
    sold(buyer, 1_000)
    refusal(
        "month_running",
        lambda: commissions.prepare_settlement(NOVEMBER, by=first, now=SOLD),
    )
    refusal(
        "settlement_missing",
        lambda: commissions.approve_settlement(NOVEMBER, by=second, now=PAYABLE),
    )
    commissions.prepare_settlement(NOVEMBER, by=first, now=PAYABLE)
    refusal(
        "settlement_draft",
        lambda: commissions.mark_settlement_paid(NOVEMBER, by=first, now=PAYABLE),
    )
    commissions.approve_settlement(NOVEMBER, by=second, now=PAYABLE)
    for again in (commissions.prepare_settlement, commissions.approve_settlement):
        refusal(
            "settlement_done",
            lambda: again(NOVEMBER, by=first, now=PAYABLE),  # noqa: B023
        )
    commissions.mark_settlement_paid(NOVEMBER, by=first, now=PAYABLE)
    refusal(
        "settlement_paid",
        lambda: commissions.mark_settlement_paid(NOVEMBER, by=first, now=PAYABLE),
    )


@pytest.mark.parametrize(
    "change",
    [
        "update commissions_settlementline set entries = 9",
        "delete from commissions_settlementline",
        "update commissions_settlement set total = 9",
        "update commissions_settlement set state = 'draft'",
        "delete from commissions_settlement",
    ],
)
def test_the_database_keeps_what_was_approved(
    buyer: Member, first: Staff, second: Staff, change: str
) -> None:
    sold(buyer, 1_000)
    settled(NOVEMBER, first, second, now=PAYABLE)
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)


def test_the_sum_of_the_entries_is_the_settlement(
    buyer: Member, lin: Staff, first: Staff, second: Staff
) -> None:
    chen = make.staff("陳柏翰")
    other = make.member()
    make.bound(other, chen, lin.postings.get().store, since=SOLD - timedelta(days=9))
    for amount in range(900, 4_000, 333):
        sold(buyer, amount)
        sold(other, amount + 1)
    settlement = settled(NOVEMBER, first, second, now=PAYABLE)
    amounts = CommissionEntry.objects.filter(month=NOVEMBER).values_list(
        "amount", flat=True
    )
    assert settlement.total == settlement.payout == sum(amounts)
    assert settlement.people == 2


@pytest.mark.parametrize(
    ("amount", "debt", "paid", "left"),
    [(100, 0, 100, 0), (100, -30, 70, 0), (100, -130, 0, -30), (-5, -1, 0, -6)],
)
def test_a_debt_is_paid_first(amount: int, debt: int, paid: int, left: int) -> None:
    assert rules.pay(amount, debt) == rules.Pay(paid, left)
