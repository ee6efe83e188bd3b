"""Who bears a refund's commission, and credit corrected without an objection."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import Sum

from apps.attribution import services as attribution
from apps.attribution.invariants import INVARIANTS as CREDIT_INVARIANTS
from apps.attribution.models import Credit, Decision
from apps.audit.models import AuditEntry
from apps.commissions import reports
from apps.commissions import services as commissions
from apps.commissions.invariants import INVARIANTS
from apps.commissions.models import CommissionEntry, Correction, RefundRuling
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
LATER = NOW + 20 * DAY
SAID = "商品瑕疵，不是店員的責任"


@pytest.fixture(autouse=True)
def _sound() -> Iterator[None]:
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
def huang(lin: Staff) -> Staff:
    return make.staff("黃子芸", at=make.store("新竹竹北店"))


@pytest.fixture
def hq(db: None) -> Staff:
    return make.staff("許雅筑", role=Staff.Role.ADMIN)


@pytest.fixture
def order(lin: Staff) -> Order:
    buyer = make.member()
    make.bound(buyer, lin, lin.postings.get().store, since=NOW - 90 * DAY)
    return sold(buyer, 1_000)


def sold(buyer: Member | None, *amounts: int) -> Order:
    """Sell on the web, credit and accrue."""
    row = make.order(buyer, *amounts, placed_at=NOW)
    attribution.credit([row.pk], now=NOW)
    commissions.accrue(now=NOW)
    return row


def returned(order: Order, amount: int = 1_000) -> Refund:
    """Take goods back; the ledger follows."""
    row = make.refund(order.lines.get(), amount, at=NOW)
    commissions.reverse(now=NOW)
    return row


def ruled(
    refund: Refund, person: Staff, by: Staff, outcome: str = "absorb", said: str = SAID
) -> RefundRuling:
    """Rule on the refund."""
    return commissions.rule_refund(
        refund, person, outcome, reason=said, by=by, now=LATER
    )


def amounts(person: Staff | None = None) -> list[int]:
    """Return the amounts of the ledger, the person's alone if one is given."""
    rows = CommissionEntry.objects.order_by("pk")
    own = rows.filter(staff=person) if person else rows
    return list(own.values_list("amount", flat=True))


def refusal(code: str, act: Callable[[], object]) -> None:
    """Expect the verb to refuse with the code."""
    with pytest.raises(Refused) as refused:
        act()
    assert refused.value.code == code


def test_the_house_bears_a_refund_and_bears_it_no_longer(
    order: Order, lin: Staff, hq: Staff
) -> None:
    refund = returned(order, 400)
    ruled(refund, lin, hq)
    assert amounts() == [30, -12, 12]
    [fault] = reports.faults_of(order)
    assert (fault.taken, fault.borne, fault.is_absorbed) == (12, 12, True)
    ruled(refund, lin, hq, "withhold", "查明是尺寸報錯")
    assert amounts() == [30, -12, 12, -12]
    ruled(refund, lin, hq)
    assert sum(amounts()) == 30
    actions = AuditEntry.objects.filter(action="commissions.refund_ruled")
    assert actions.count() == RefundRuling.objects.count() == 3
    lines = reports.statement_of(lin, NOVEMBER, now=LATER).lines
    assert lines[2].reason == f"退款由總部吸收：{SAID}"
    assert lines[3].reason == "退款改由店員負擔：查明是尺寸報錯"
    with pytest.raises(IntegrityError), transaction.atomic():
        RefundRuling.objects.update(reason="改寫")


def test_in_a_closed_month_it_lands_in_the_open_one(
    order: Order, lin: Staff, hq: Staff
) -> None:
    refund = returned(order)
    commissions.close_month(NOVEMBER, by=hq, now=LATER)
    ruled(refund, lin, hq)
    last = CommissionEntry.objects.latest("pk")
    assert (last.kind, last.month, last.amount) == ("goodwill", DECEMBER, 30)


def test_who_may_rule_on_what(
    order: Order, lin: Staff, huang: Staff, hq: Staff
) -> None:
    refund = make.refund(order.lines.get(), 400, at=NOW)
    refusal("fault_reason", lambda: ruled(refund, lin, hq, said=" "))
    refusal("fault_outcome", lambda: ruled(refund, lin, hq, "maybe"))
    refusal("fault_party", lambda: ruled(refund, lin, lin))
    refusal("fault_nothing", lambda: ruled(refund, huang, hq))
    refusal("fault_same", lambda: ruled(refund, lin, hq, "withhold"))
    ruled(refund, lin, hq)  # it takes the refund back first
    refusal("fault_same", lambda: ruled(refund, lin, hq))


def test_a_refund_that_still_waits_is_not_ruled_on(lin: Staff, hq: Staff) -> None:
    order = make.order(make.member(), 500, placed_at=NOW)
    refund = make.refund(order.lines.get(), 500, at=NOW)
    refusal("fault_pending", lambda: ruled(refund, lin, hq))


def test_credit_that_changes_hands_takes_the_goodwill_along(
    order: Order, lin: Staff, huang: Staff, hq: Staff
) -> None:
    ruled(returned(order), lin, hq)
    corrected(order, {huang.pk: 10_000}, hq)
    assert sum(amounts(lin)) == 0
    assert sum(amounts(huang)) == 0  # who holds it now bears the refund
    assert [f.staff for f in reports.faults_of(order)] == [huang]


def test_the_list_adds_up(order: Order, lin: Staff, hq: Staff) -> None:
    ruled(returned(order, 400), lin, hq)
    returned(order, 300)
    rows = reports.fault_rows()
    assert reports.fault_sums(rows) == reports.FaultSums(21, 12)
    assert len(reports.faults(reports.fault_rows(state=reports.ABSORBED))) == 1
    assert len(reports.faults(reports.fault_rows(state=reports.BORNE))) == 1
    assert not reports.fault_rows(month=DECEMBER)


def corrected(
    order: Order, shares: dict[int, int], by: Staff, said: str = "登錄錯人"
) -> Correction:
    """Correct the order's only line."""
    return commissions.correct_credit(
        order.lines.get(), shares, reason=said, by=by, now=LATER
    )


def test_a_correction_moves_the_credit_and_the_money(
    order: Order, lin: Staff, huang: Staff, hq: Staff
) -> None:
    row = corrected(order, {huang.pk: 10_000}, hq)
    assert (amounts(lin), amounts(huang)) == ([30, -30], [30])
    assert row.decision.settled_at is not None  # nothing decides it again
    attribution.credit([order.pk], now=LATER)
    assert Credit.objects.get(superseded_at=None).staff == huang
    kept = AuditEntry.objects.get(action="commissions.credit_corrected")
    assert kept.facts["before"] == {str(lin.pk): 10_000}
    last = reports.statement_of(lin, NOVEMBER, now=LATER).lines[-1]
    assert last.reason == "總部更正認列：登錄錯人"
    with pytest.raises(IntegrityError), transaction.atomic():
        Correction.objects.update(reason="改寫")


def test_after_closing_a_correction_lands_in_the_open_month(
    order: Order, huang: Staff, hq: Staff
) -> None:
    commissions.close_month(NOVEMBER, by=hq, now=LATER)
    corrected(order, {huang.pk: 10_000}, hq)
    months = CommissionEntry.objects.order_by("pk").values_list("month", flat=True)
    assert list(months) == [NOVEMBER, DECEMBER, DECEMBER]


def test_a_line_is_split_or_given_to_the_house(
    order: Order, lin: Staff, huang: Staff, hq: Staff
) -> None:
    corrected(order, {lin.pk: 7_000, huang.pk: 3_000}, hq)
    assert (sum(amounts(lin)), sum(amounts(huang))) == (21, 9)
    corrected(order, {}, hq)
    assert sum(amounts()) == 0
    decision = Decision.objects.get(superseded_at=None)
    assert (decision.basis, Credit.objects.get(superseded_at=None).staff) == (
        "house", None,
    )  # fmt: skip
    corrected(order, {lin.pk: 10_000}, hq)
    assert sum(amounts(lin)) == 30


def test_what_is_no_correction(
    order: Order, lin: Staff, huang: Staff, hq: Staff
) -> None:
    other = {huang.pk: 10_000}
    refusal("correction_reason", lambda: corrected(order, other, hq, " "))
    refusal("correction_shares", lambda: corrected(order, {huang.pk: 9_999}, hq))
    refusal("correction_same", lambda: corrected(order, {lin.pk: 10_000}, hq))
    refusal("correction_party", lambda: corrected(order, other, lin))
    refusal("correction_party", lambda: corrected(order, other, huang))
    fresh = make.order(None, 500, placed_at=NOW)
    refusal("correction_pending", lambda: corrected(fresh, other, hq))


@pytest.mark.django_db(transaction=True)
def test_of_two_rulings_at_once_one_counts(order: Order, lin: Staff, hq: Staff) -> None:
    refund = returned(order)
    gate, fates = threading.Barrier(2), []

    def act() -> None:
        try:
            gate.wait(10)
            ruled(refund, lin, hq)
            fates.append("ruled")
        except Refused as refused:
            fates.append(refused.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(fates) == ["fault_same", "ruled"]
    assert CommissionEntry.objects.aggregate(s=Sum("amount"))["s"] == 30
