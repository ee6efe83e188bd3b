"""Plans in the ledger: whose, from when, and what a month's sales add or withhold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from apps.attribution import services as attribution
from apps.catalog.models import Product
from apps.commissions import reports, rules, tasks
from apps.commissions import services as commissions
from apps.commissions.invariants import INVARIANTS
from apps.commissions.models import CommissionEntry, Plan, SettlementLine
from apps.core import clock
from apps.core.errors import Refused
from apps.members.models import Binding, Member
from apps.orders.models import Order, Pickup
from apps.staff.models import Staff
from tests import make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 21, 12, tzinfo=clock.TAIPEI)
DAY = timedelta(days=1)
OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
JANUARY = date(2027, 1, 1)
PAYABLE = clock.start_of(date(2026, 12, 11))
NEW_YEAR = clock.start_of(date(2027, 1, 11))
TIERS = (rules.Tier(10_000, 100), rules.Tier(20_000, 200))


@pytest.fixture(autouse=True)
def _sound() -> Iterator[None]:
    """Check every invariant after every test."""
    yield
    with connection.cursor() as cursor:
        for name, query in INVARIANTS.items():
            cursor.execute(query)
            assert cursor.fetchall() == [], name


@pytest.fixture
def lin(db: None) -> Staff:
    return make.staff("林怡君", at=make.store())


@pytest.fixture
def buyer(lin: Staff) -> Member:
    person = make.member()
    make.bound(person, lin, lin.postings.get().store, since=NOW - 90 * DAY)
    return person


@pytest.fixture
def hq(db: None) -> Staff:
    return make.staff("許雅筑", role=Staff.Role.ADMIN)


@pytest.fixture
def finance(db: None) -> Staff:
    return make.staff("何俊宏", role=Staff.Role.FINANCE)


def sold(
    buyer: Member, *amounts: int, at: datetime = NOW, product: Product | None = None
) -> Order:
    """Sell on the web, credit and accrue."""
    order = make.order(buyer, *amounts, placed_at=at, product=product)
    attribution.credit([order.pk], now=at)
    commissions.accrue(now=at)
    return order


def settled(month: date, hq: Staff, finance: Staff, *, now: datetime) -> None:
    """Prepare and approve the month."""
    commissions.prepare_settlement(month, by=finance, now=now)
    commissions.approve_settlement(month, by=hq, now=now)


def entries() -> list[tuple[str, date, int, int]]:
    """Return kind, month, base and amount of every entry."""
    rows = CommissionEntry.objects.order_by("pk")
    return list(rows.values_list("kind", "month", "base", "amount"))


def refusal(code: str, act: Callable[[], object]) -> None:
    """Expect the verb to refuse with the code."""
    with pytest.raises(Refused) as refused:
        act()
    assert refused.value.code == code


def publish(
    hq: Staff, day: date, scope: rules.Scope | None = None, **terms: object
) -> Plan:
    """Publish 5 % for the scope."""
    made = rules.Terms(online=rules.Rate(500), **terms)  # type: ignore[arg-type]
    return commissions.publish_plan(
        "新版", starts_on=day, terms=made, scope=scope, by=hq, now=NOW
    )


def test_the_next_version_ends_the_one_before(buyer: Member, hq: Staff) -> None:
    first = make.plan()
    second = publish(hq, DECEMBER)
    first.refresh_from_db()
    assert (first.ends_on, second.ends_on) == (DECEMBER, None)
    between = publish(hq, date(2026, 11, 25))
    first.refresh_from_db()
    assert (first.ends_on, between.ends_on) == (date(2026, 11, 25), DECEMBER)
    sold(buyer, 1_000)
    sold(buyer, 1_000, at=clock.start_of(DECEMBER))
    assert [entry[3] for entry in entries()] == [30, 50]


def test_the_database_lets_one_plan_hold_a_day_and_none_change(hq: Staff) -> None:
    plan = make.plan()
    with pytest.raises(IntegrityError, match="one_plan_a_scope"), transaction.atomic():
        Plan.objects.create(name="x", starts_on=DECEMBER, online_rate=1, store_rate=1)
    make.plan(scope=rules.Scope(role="manager"))  # another scope does not overlap
    with pytest.raises(IntegrityError, match="published"), transaction.atomic():
        Plan.objects.filter(pk=plan.pk).update(online_rate=900)
    with pytest.raises(IntegrityError, match="published"), transaction.atomic():
        Plan.objects.filter(pk=plan.pk).delete()


def test_ones_own_plan_goes_before_the_stores_and_everybodys(
    buyer: Member, lin: Staff, hq: Staff
) -> None:
    make.plan()
    store = lin.postings.get().store
    make.plan(online=400, scope=rules.Scope(store_id=store.pk))
    sold(buyer, 1_000)
    own = publish(hq, date(2026, 11, 21), rules.Scope(staff_id=lin.pk))
    sold(buyer, 1_000, at=NOW + DAY)
    commissions.end_plan(own, ends_on=DECEMBER, by=hq, now=NOW)
    sold(buyer, 1_000, at=clock.start_of(DECEMBER))
    assert [entry[3] for entry in entries()] == [40, 50, 40]


def test_a_plan_does_not_cut_a_month_whose_sales_it_looks_at(hq: Staff) -> None:
    everybodys = make.plan()
    middle = date(2026, 12, 15)
    refusal("plan_midmonth", lambda: publish(hq, middle, threshold=10_000))
    own = publish(hq, DECEMBER, rules.Scope(role="manager"), threshold=10_000)
    refusal("plan_midmonth", lambda: publish(hq, middle, rules.Scope(role="manager")))
    for plan, day, code in [
        (own, middle, "plan_midmonth"),
        (own, DECEMBER, "plan_past"),
        (everybodys, JANUARY, "plan_everybodys"),
    ]:
        refusal(
            code,
            lambda: commissions.end_plan(plan, ends_on=day, by=hq, now=NOW),  # noqa: B023
        )


def test_a_sum_a_piece_and_an_exception_are_frozen_on_the_entry(buyer: Member) -> None:
    coat = make.product()
    special = rules.Special(rules.Rate(each=50), category_id=coat.category_id)
    make.plan(specials=(special,))
    order = sold(buyer, 3_280, product=coat)
    sold(buyer, 1_000)
    make.plan(online=900, since=date(2026, 11, 21))
    make.refund(order.lines.get(), 3_280, at=NOW + DAY)
    commissions.reverse(now=NOW + DAY)
    assert [entry[3] for entry in entries()] == [50, 30, -50]
    frozen = CommissionEntry.objects.order_by("pk").values_list("rate", "each")
    assert list(frozen) == [(0, 50), (300, 0), (0, 50)]


def test_tiers_add_when_the_month_is_settled_and_only_once(
    buyer: Member, hq: Staff, finance: Staff, lin: Staff
) -> None:
    make.plan(tiers=TIERS)
    sold(buyer, 15_000)
    sold(buyer, 12_400)
    commissions.prepare_settlement(NOVEMBER, by=finance, now=PAYABLE)
    commissions.prepare_settlement(NOVEMBER, by=finance, now=PAYABLE)
    commissions.approve_settlement(NOVEMBER, by=hq, now=PAYABLE)
    assert entries()[2:] == [("tier", NOVEMBER, 27_400, 100 + 148)]
    line = SettlementLine.objects.get()
    assert (line.accrued, line.extras, line.payout) == (822, 248, 1_070)
    told = reports.statement_of(lin, NOVEMBER, now=PAYABLE)
    steps = [(each.base, each.rate, each.amount) for each in told.lines[2:]]
    assert steps == [(10_000, "1%", 100), (7_400, "2%", 148)]
    assert "超過 NT$20,000 的部分加給" in told.lines[-1].reason
    assert (told.total, told.extras) == (1_070, 248)


def test_a_late_refund_takes_the_tier_back_in_the_open_month(
    buyer: Member, hq: Staff, finance: Staff, lin: Staff
) -> None:
    make.plan(tiers=TIERS)
    order = sold(buyer, 15_000)
    settled(NOVEMBER, hq, finance, now=PAYABLE)
    make.refund(order.lines.get(), 15_000, at=PAYABLE)
    commissions.reverse(now=PAYABLE)
    settled(DECEMBER, hq, finance, now=NEW_YEAR)
    assert entries() == [
        ("accrual", NOVEMBER, 15_000, 450),
        ("tier", NOVEMBER, 15_000, 50),
        ("reversal", DECEMBER, -15_000, -450),
        ("tier", DECEMBER, 0, -50),
    ]
    assert SettlementLine.objects.get(settlement__month=DECEMBER).carried_out == -500
    last = reports.statement_of(lin, DECEMBER, now=NEW_YEAR).lines[-1]
    assert (last.amount, last.is_reversal) == (-50, True)


def test_below_the_threshold_nothing_is_paid_and_nothing_taken_twice(
    buyer: Member, hq: Staff, finance: Staff
) -> None:
    make.plan(threshold=20_000)
    order = sold(buyer, 15_000)
    settled(NOVEMBER, hq, finance, now=PAYABLE)
    assert entries()[1:] == [("threshold", NOVEMBER, 15_000, -450)]
    make.refund(order.lines.get(), 5_000, at=PAYABLE)
    commissions.reverse(now=PAYABLE)
    settled(DECEMBER, hq, finance, now=NEW_YEAR)
    assert entries()[2:] == [
        ("reversal", DECEMBER, -5_000, -150),
        ("threshold", DECEMBER, 10_000, 150),
    ]
    assert CommissionEntry.objects.aggregate(s=Sum("amount"))["s"] == 0


def test_reaching_the_threshold_pays_from_the_first_dollar(
    buyer: Member, hq: Staff, finance: Staff
) -> None:
    make.plan(threshold=20_000, tiers=(rules.Tier(20_000, 100),))
    sold(buyer, 15_000)
    sold(buyer, 6_000)
    settled(NOVEMBER, hq, finance, now=PAYABLE)
    assert entries()[2:] == [("tier", NOVEMBER, 21_000, 10)]


class TestRecruits:
    """A bonus for each new member, once ever."""

    def registered(
        self,
        lin: Staff,
        *,
        at: datetime = NOW,
        bound: datetime | None = None,
        source: str = Binding.Source.LOGIN,
    ) -> Member:
        """Let somebody register who is bound to Lin."""
        person = make.member(
            f"新客{make.number()}", stage="registered", registered_at=at
        )
        Binding.objects.create(
            member=person,
            staff=lin,
            store=lin.postings.get().store,
            period=(bound or at, None),
            source=source,
            created_at=at,
        )
        return person

    def pay(self, now: datetime = NOW + DAY) -> int:
        """Run the night."""
        return commissions.pay_recruits(clock.day_of(now), now=now)

    def test_once_a_member_ever(self, lin: Staff) -> None:
        make.plan(recruit=30)
        member = self.registered(lin)
        assert (self.pay(), self.pay()) == (1, 0)
        other = make.staff("黃子芸", at=make.store("新竹"))
        Binding.objects.update(period=(NOW, NOW + DAY))
        make.bound(member, other, other.postings.get().store, since=NOW + DAY)
        assert self.pay(NOW + 3 * DAY) == 0
        entry = CommissionEntry.objects.get()
        assert (entry.staff, entry.member, entry.amount) == (lin, member, 30)
        entry.pk, entry.cause = None, "again"
        with pytest.raises(IntegrityError, match="one_"), transaction.atomic():
            entry.save()

    def test_who_brought_them_in(self, lin: Staff) -> None:
        make.plan(recruit=30, since=OCTOBER)
        self.registered(lin, bound=NOW + timedelta(hours=3))  # the same day
        self.registered(lin, bound=NOW + 2 * DAY)  # long after
        self.registered(lin, at=clock.start_of(OCTOBER) - DAY)  # before the plan
        self.registered(lin, source="import")
        assert self.pay(NOW + 9 * DAY) == 1

    def test_without_a_bonus_in_the_plan_nobody_is_paid(self, lin: Staff) -> None:
        make.plan()
        self.registered(lin)
        assert self.pay() == 0

    def test_after_closing_it_lands_in_the_open_month(
        self, lin: Staff, hq: Staff
    ) -> None:
        make.plan(recruit=30)
        self.registered(lin)
        commissions.close_month(NOVEMBER, by=hq, now=PAYABLE)
        assert self.pay(PAYABLE) == 1
        assert CommissionEntry.objects.get().month == DECEMBER


def test_a_draft_begins_with_what_holds_and_is_published_once(
    lin: Staff, hq: Staff
) -> None:
    make.plan(recruit=30)
    scope = rules.Scope(staff_id=lin.pk)
    draft = commissions.begin_plan_draft(scope, by=hq, now=NOW)
    assert draft.read().recruit == 30
    terms = rules.Terms(online=rules.Rate(each=80), tiers=TIERS)
    commissions.revise_plan_draft(draft, terms, name="試用", by=hq, now=NOW)
    today = clock.day_of(NOW)

    def start(day: date) -> Plan:
        return commissions.publish_plan_draft(draft, starts_on=day, by=hq, now=NOW)

    refusal("plan_past", lambda: start(today))
    refusal("plan_midmonth", lambda: start(today + DAY))
    plan = start(DECEMBER)
    assert (plan.read(), plan.staff, plan.published_by) == (terms, lin, hq)
    refusal("draft_published", lambda: start(JANUARY))
    refusal(
        "draft_published",
        lambda: commissions.discard_plan_draft(draft, by=hq, now=NOW),
    )
    spare = commissions.begin_plan_draft(rules.Scope(), by=hq, now=NOW)
    commissions.discard_plan_draft(spare, by=hq, now=NOW)


def test_a_plan_reads_like_the_rule_and_works_an_example_out(lin: Staff) -> None:
    coat, store = make.product(), lin.postings.get().store
    terms = rules.Terms(
        online=rules.Rate(300),
        store=rules.Rate(each=20),
        threshold=50_000,
        tiers=(rules.Tier(200_000, 100),),
        specials=(rules.Special(rules.Rate(500), coat.category_id, store.pk),),
        recruit=30,
        received=5,
        handed=5,
    )
    told = [clause.text for clause in reports.clauses(terms, beside=rules.Terms())]
    assert told == [
        "認列業績的 3%",
        "每件 NT$20，不論售價",
        "當月業績滿 NT$50,000 才發，未達不發",
        "超過 NT$200,000 的部分，再加 1%",
        "台北中山店 外套：5%",
        "每位綁定後註冊的新會員 NT$30，一位會員只發一次",
        "備貨 NT$5，交貨 NT$5",
    ]
    assert all(each.is_new for each in reports.clauses(terms, beside=rules.Terms()))
    assert not any(each.is_new for each in reports.clauses(terms, beside=terms))
    rich = reports.example(terms, online=250_000, in_store=10_000, pieces=8)
    assert rich.total == 7_500 + 160 + 600
    poor = reports.example(terms, online=10_000, in_store=0, pieces=0)
    assert poor.total == 0
    assert poor.rows[-1].figure == "NT$0"


class TestPickups:
    """A fee for who made a pickup ready and who handed it over, once each."""

    def collected(self, lin: Staff, handed_by: Staff, *, at: datetime = NOW) -> Pickup:
        """Let a pickup be collected at Lin's store."""
        order = make.order(None, 900, placed_at=at - DAY)
        attribution.credit([order.pk], now=at)
        return Pickup.objects.create(
            order=order,
            store=lin.postings.get().store,
            code=f"P{make.number():09d}",
            state="collected",
            placed_at=at - DAY,
            received_by=lin,
            ready_at=at - DAY,
            hold_until=at + DAY,
            handed_by=handed_by,
            collected_at=at,
            closed_at=at,
            fee_due_at=at,
        )

    def test_each_part_is_paid_once(self, lin: Staff) -> None:
        make.plan(received=5, handed=7)
        wang = make.staff("王店長", at=lin.postings.get().store)
        pickup = self.collected(lin, wang)
        self.collected(lin, lin)
        tasks.accrue_pending()
        tasks.accrue_pending()
        paid = CommissionEntry.objects.values_list("staff", "amount").order_by("pk")
        assert list(paid) == [
            (lin.pk, 5), (wang.pk, 7), (lin.pk, 5), (lin.pk, 7),
        ]  # fmt: skip
        told = reports.statement_of(wang, NOVEMBER, now=NOW).lines
        assert [(line.goods, line.reason) for line in told] == [
            (f"門市取貨 {pickup.code}", "把貨交給顧客")
        ]
        assert not Pickup.objects.filter(fee_due_at__isnull=False).exists()

    def test_a_plan_without_fees_pays_none_and_leaves_none_waiting(
        self, lin: Staff
    ) -> None:
        make.plan()
        self.collected(lin, lin)
        assert commissions.pay_pickups(now=NOW) == 1
        assert commissions.pay_pickups(now=NOW) == 0
        assert entries() == []

    def test_a_month_waits_for_its_fees(self, lin: Staff, hq: Staff) -> None:
        make.plan(received=5)
        self.collected(lin, lin)
        refusal(
            "month_pending",
            lambda: commissions.close_month(NOVEMBER, by=hq, now=PAYABLE),
        )
        commissions.pay_pickups(now=PAYABLE)
        assert commissions.close_month(NOVEMBER, by=hq, now=PAYABLE).total == 5
