"""The daily rollups and the overview that is read from them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.attribution import services as attribution
from apps.commissions import services as commissions
from apps.conversations.models import Conversation, Message
from apps.core import clock
from apps.members.models import Member
from apps.messaging.models import QuotaMonth
from apps.orders.models import FactsCheck, Order
from apps.reports import reports, services, todos
from apps.reports.models import DailyMembers, DailySales, ReplyWait
from apps.reports.reports.period import Period
from apps.staff.models import Staff
from apps.stores.models import Store, Target
from tests import make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 10, 42, tzinfo=clock.TAIPEI)
DAY = timedelta(days=1)
TODAY, FIRST = date(2026, 11, 22), date(2026, 11, 1)


@pytest.fixture
def store(db: None) -> Store:
    make.plan()
    return make.store("台北中山店")


@pytest.fixture
def lin(store: Store) -> Staff:
    return make.staff("林怡君", at=store)


@pytest.fixture
def buyer(lin: Staff, store: Store) -> Member:
    person = make.member("陳思妤", now=NOW - 300 * DAY)
    make.bound(person, lin, store, since=NOW - 15 * DAY)
    return person


def sold(*orders: Order) -> None:
    """Credit the orders, pay for them and bring the rollups up to date."""
    attribution.credit([order.pk for order in orders], now=NOW)
    commissions.accrue(now=NOW)
    commissions.reverse(now=NOW)
    services.refresh_recent(now=NOW)


def till(seller: Staff, amount: int, placed_at: datetime) -> Order:
    """Make a sale in the person's store."""
    at = seller.postings.get().store
    return make.order(
        None, amount, placed_at=placed_at, channel="store", seller=seller, store=at
    )


def overview(**changes: object) -> reports.Dashboard:
    """Return the month up to today."""
    wanted = {"stores": None, "now": NOW, **changes}
    return reports.dashboard(FIRST, TODAY, **wanted)  # type: ignore[arg-type]


def test_sales_are_rolled_up_by_day_store_class_and_person(
    lin: Staff, buyer: Member, store: Store
) -> None:
    order = make.order(buyer, 4_000, 1_000, placed_at=NOW - DAY)
    make.refund(order.lines.get(net=1_000), 300, at=NOW)
    sold(order, till(lin, 2_000, NOW), make.order(None, 700, placed_at=NOW))
    rows = DailySales.objects.order_by("day", "basis").values_list(
        "day", "store", "channel", "basis", "staff", "orders", "net"
    )
    assert list(rows) == [
        (TODAY - DAY, store.pk, "web", "binding", lin.pk, 1, 4_700),
        (TODAY, None, "web", "house", None, 1, 700),
        (TODAY, store.pk, "store", "pos_seller", lin.pk, 1, 2_000),
    ]


def test_a_day_is_taipeis(lin: Staff) -> None:
    midnight = datetime(2026, 11, 21, 16, tzinfo=UTC)
    tick = timedelta(microseconds=1)
    sold(till(lin, 100, midnight - tick), till(lin, 200, midnight))
    rows = DailySales.objects.order_by("day").values_list("day", "net")
    assert list(rows) == [(date(2026, 11, 21), 100), (date(2026, 11, 22), 200)]


def test_a_refund_moves_the_day_of_its_sale(lin: Staff) -> None:
    order = till(lin, 1_000, NOW - 40 * DAY)
    sold(order)
    assert not services.dirty_days(NOW + DAY)
    make.refund(order.lines.get(), 400, at=NOW + DAY)
    services.refresh_recent(now=NOW + 2 * DAY)
    assert DailySales.objects.get().net == 600


def test_refreshing_again_changes_nothing(lin: Staff, buyer: Member) -> None:
    sold(till(lin, 1_000, NOW), make.order(buyer, 500, placed_at=NOW - DAY))
    before = list(DailySales.objects.order_by("day").values_list("day", "net"))
    services.rebuild(now=NOW)
    services.refresh_recent(now=NOW)
    assert list(DailySales.objects.order_by("day").values_list("day", "net")) == before


def test_buyers_and_repeaters_of_ninety_days(lin: Staff) -> None:
    once, twice, long_ago = (
        make.member(name, now=NOW - 300 * DAY) for name in "甲乙丙"
    )
    sold(
        make.order(once, 1, placed_at=NOW - 50 * DAY),
        make.order(once, 1, placed_at=NOW - 50 * DAY),  # the same day counts once
        make.order(twice, 1, placed_at=NOW - 80 * DAY),
        make.order(twice, 1, placed_at=NOW - 30 * DAY),
        make.order(long_ago, 1, placed_at=NOW - 120 * DAY),
        make.order(long_ago, 1, placed_at=NOW - 89 * DAY),
    )
    services.rebuild(now=NOW)
    rows = {row.day: (row.buyers, row.repeaters) for row in DailyMembers.objects.all()}
    assert rows[TODAY] == (3, 1)
    assert rows[TODAY - 31 * DAY] == (3, 1)  # the third bought 120 and 89 days ago
    for day, counted in rows.items():
        assert counted == _by_hand(day), day


def _by_hand(day: date) -> tuple[int, int]:
    """Count buyers and repeaters of the 90 days up to the day the plain way."""
    days: dict[int | None, set[date]] = {}
    for member, at in Order.objects.values_list("member", "placed_at"):
        bought = clock.day_of(at)
        if day - 90 * DAY < bought <= day:
            days.setdefault(member, set()).add(bought)
    return len(days), sum(len(own) > 1 for own in days.values())


def test_members_and_bonds_are_counted_at_the_end_of_a_day(
    lin: Staff, store: Store
) -> None:
    first, second = (make.member(name, now=NOW - 9 * DAY) for name in "甲乙")
    make.member("丙", now=NOW)
    make.bound(first, lin, store, since=NOW - 8 * DAY)
    make.bound(second, lin, store, since=NOW - 8 * DAY, until=NOW - 3 * DAY)
    services.rebuild(TODAY - 9 * DAY, now=NOW)
    rows = {row.day: (row.members, row.bound) for row in DailyMembers.objects.all()}
    assert rows[TODAY - 9 * DAY] == (2, 0)
    assert rows[TODAY - 8 * DAY] == (2, 2)
    assert rows[TODAY - 3 * DAY] == (2, 1)
    assert rows[TODAY] == (3, 1)


def test_the_head_of_the_overview(lin: Staff, buyer: Member) -> None:
    sold(
        make.order(buyer, 3_000, placed_at=NOW - DAY),
        make.order(None, 1_000, placed_at=NOW),
        till(lin, 4_000, NOW),
        till(lin, 5_000, NOW - 35 * DAY),  # 18 October
        till(lin, 9_000, NOW - 25 * DAY),  # 28 October: after the same day
    )
    told = overview()
    assert (told.compared_from, told.compared_to) == (
        date(2026, 10, 1),
        date(2026, 10, 22),
    )
    figures = {kpi.code: (kpi.value, kpi.change) for kpi in told.kpis}
    assert figures["sales"] == (8_000, 60.0)
    assert figures["online"] == (5_000, 50.0)
    assert figures["assisted"] == (3_000, None)
    assert figures["bound"][0] == 10_000
    [sales, *_rest] = told.kpis
    assert sales.spark == (0, 0, 5_000, 0, 9_000, 0, 0, 8_000)
    bars = [(bar.day.day, bar.store, bar.assisted, bar.alone) for bar in told.days]
    assert bars[-2:] == [(21, 0, 3_000, 0), (22, 4_000, 0, 1_000)]


def test_the_tables_of_the_overview(lin: Staff, buyer: Member, store: Store) -> None:
    quiet = make.store("台南中西店")
    Target.objects.create(store=store, month=FIRST, amount=10_000)
    sold(make.order(buyer, 3_000, placed_at=NOW - DAY), till(lin, 4_000, NOW))
    told = overview()
    first, last = told.stores
    assert (first.store, first.sales, first.achieved, first.is_late) == (
        store, 7_000, 7_000, True,
    )  # fmt: skip
    assert (first.online_share, first.assisted, first.new_bindings) == (4_286, 3_000, 1)
    assert (last.store, last.sales) == (quiet, 0)
    assert (last.achieved, last.is_late) == (None, False)
    assert told.pace == 7_333
    bar = told.bases[0]
    assert (bar.basis, bar.amount, bar.share) == ("binding", 3_000, 10_000)
    assert told.bases[-1].basis == "house"
    assert [(s.staff, s.store, s.sales, s.commission) for s in told.sellers] == [
        (lin, store, 3_000, 90)
    ]


def test_a_scope_of_stores(lin: Staff, store: Store) -> None:
    other = make.staff("黃子芸", at=make.store("新竹竹北店"))
    sold(till(lin, 4_000, NOW), till(other, 1_000, NOW))
    told = overview(stores=[store])
    assert told.kpis[0].value == 4_000
    assert [row.store for row in told.stores] == [store]


def talk(member: Member, at: Store, **fields: object) -> Conversation:
    """Open a conversation."""
    defaults = {
        "account": make.account(), "member": member, "address": make.line_user_id(),
        "last_message_at": NOW, "created_at": NOW, "store": at,
    }  # fmt: skip
    return Conversation.objects.create(**{**defaults, **fields})


def test_the_median_first_reply(lin: Staff, buyer: Member, store: Store) -> None:
    conversation = talk(buyer, store, desk="staff", staff=lin)
    asked = NOW - 5 * timedelta(hours=1)

    def say(minute: int, direction: str, by: Staff | None = None) -> None:
        Message.objects.create(
            conversation=conversation, account=conversation.account, staff=by,
            direction=direction, external_id=str(make.number()),
            at=asked + timedelta(minutes=minute),
        )  # fmt: skip

    for minute, direction, by in [
        (0, "in", None), (1, "in", None), (2, "out", None), (3, "in", None),
        (4, "out", lin), (5, "out", lin), (60, "in", None), (90, "out", lin),
        (100, "in", None),
    ]:  # fmt: skip
        say(minute, direction, by)
    services.refresh_recent(now=NOW)
    waits = ReplyWait.objects.order_by("asked_at").values_list("seconds", flat=True)
    assert list(waits) == [4 * 60, 30 * 60]
    [row] = overview().stores
    assert (row.reply_minutes, row.is_slow) == (17, True)


def test_what_waits_for_hq(lin: Staff, buyer: Member, store: Store) -> None:
    for minutes in (5, 45):
        waiting = NOW - timedelta(minutes=minutes)
        talk(make.member(), store, store=None, waiting_since=waiting)
    Staff.objects.filter(pk=lin.pk).update(left_on=date(2026, 11, 30))
    QuotaMonth.objects.create(
        account=make.account(), month=FIRST, allowed=30_000, used=24_588, fetched_at=NOW
    )
    sold(make.order(buyer, 1_000, placed_at=datetime(2026, 10, 31, 8, tzinfo=UTC)))
    told = [(todo.code, todo.title, todo.detail) for todo in overview().todos]
    assert told == [
        ("inbox", "2 位未綁定顧客待回覆", "1 位已等超過 30 分鐘"),
        ("handover", "林怡君 11/30 離職，1 位顧客待交接", ""),
        ("quota", "晴川衣著的推播用量已達 81%", "本月剩 5,412 則"),
    ]


def test_facts_that_differ_wait_for_hq_until_they_are_computed_anew() -> None:
    at = NOW - timedelta(days=2)
    check = FactsCheck.objects.create(at=at, looked_at=1_000, differing=3, members=[7])

    [told] = overview().todos

    assert (told.code, told.title, told.detail) == (
        "facts",
        "抽查有 3 位會員的消費彙總不符",
        "2 天前發現，請重算",
    )
    FactsCheck.objects.filter(pk=check.pk).update(settled_at=NOW)
    assert overview().todos == ()


def test_a_room_above_may_add_what_it_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(todos, "SOURCES", todos.SOURCES)
    dead = todos.Todo("events", "alert", "warn", "3 個事件處理失敗")
    todos.register(lambda _now: [dead])
    try:
        assert dead in overview().todos
    finally:
        todos.SOURCES.pop()


def test_the_overview_costs_the_same_however_much_is_sold(
    lin: Staff, buyer: Member
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            overview()
        return len(queries)

    sold(till(lin, 4_000, NOW), make.order(buyer, 50, placed_at=NOW))
    before = cost()
    for n in range(9):
        other = make.staff(f"第{n}位", at=make.store(f"第{n}店"))
        sold(till(other, 100, NOW - n * DAY), make.order(buyer, 50, placed_at=NOW))
    assert cost() == before
    assert before <= 20


@pytest.mark.parametrize(
    ("days", "before"),
    [
        (("2026-03-01", "2026-03-31"), ("2026-02-01", "2026-02-28")),
        (("2026-01-01", "2026-01-05"), ("2025-12-01", "2025-12-05")),
        (("2026-11-22", "2026-11-22"), ("2026-11-21", "2026-11-21")),
        (("2026-11-16", "2026-11-22"), ("2026-11-09", "2026-11-15")),
    ],
)
def test_what_a_period_is_compared_with(
    days: tuple[str, str], before: tuple[str, str]
) -> None:
    assert Period(*map(date.fromisoformat, days)).before == Period(
        *map(date.fromisoformat, before)
    )
