"""Sales by conversation: every figure counted by hand, and the sums of the ledger."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from apps.attribution import services as attribution
from apps.attribution.models import Credit, PromoLink
from apps.commissions import services as commissions
from apps.conversations.models import Conversation, Message
from apps.core import clock
from apps.members.models import Member
from apps.messaging.models import Delivery
from apps.orders.models import Order, RefundLine
from apps.reports.reports import conversations
from apps.reports.reports.conversations import Asked, Figures, Report, asked_of
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 10, 42, tzinfo=clock.TAIPEI)  # a Sunday
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
TODAY = date(2026, 11, 22)
REPORT_QUERIES = 10


@pytest.fixture(autouse=True)
def _shop(settings: Settings) -> None:
    settings.SHOP_URL = "https://shop.example"


@pytest.fixture
def store(db: None) -> Store:
    make.plan()
    return make.store("台北中山店")


@pytest.fixture
def other(db: None) -> Store:
    return make.store("高雄美術館店")


@pytest.fixture
def lin(store: Store) -> Staff:
    return make.staff("林怡君", at=store)


@pytest.fixture
def chen(other: Store) -> Staff:
    return make.staff("陳柏翰", at=other)


@pytest.fixture
def buyer(lin: Staff, store: Store) -> Member:
    person = make.member("陳思妤", on=make.account(), now=NOW - 300 * DAY)
    make.bound(person, lin, store, since=NOW - 3 * DAY)
    return person


def credited(*orders: Order) -> None:
    """Decide the orders, pay for them and take refunds back."""
    attribution.credit([order.pk for order in orders], now=NOW)
    commissions.accrue(now=NOW)
    commissions.reverse(now=NOW)


def sent(staff: Staff, to: Member, at: datetime, *, clicks: int = 0) -> PromoLink:
    """Send the person's link, and let it be opened so often, an hour later each."""
    where = staff.postings.get().store
    link = attribution.make_link(staff, where, member=to, now=at)
    for n in range(clicks):
        attribution.follow_link(link.code, visitor="v", now=at + (n + 1) * HOUR)
    return link


def said(staff: Staff, to: Member, at: datetime, *, push: str = "") -> None:
    """Write to the member; as a push in that state, or as a reply."""
    account = make.account()
    thread, _made = Conversation.objects.get_or_create(
        account=account,
        member=to,
        defaults={
            "address": "U1", "last_message_at": at, "created_at": at,
            "store": staff.postings.get().store,
        },
    )  # fmt: skip
    Conversation.objects.filter(pk=thread.pk).update(last_message_at=at)
    delivery = Delivery.objects.create(
        account=account, member=to, to="U1", kind="push", messages=[],
        state=push or "accepted", not_before=at, created_at=at, settled_at=at,
        **({} if push else {"kind": "reply", "reply_token": "t"}),
    ) if push else None  # fmt: skip
    Message.objects.create(
        conversation=thread, account=account, direction="out", staff=staff, at=at,
        delivery=delivery, client_id=uuid.uuid4(), text="好的",
    )  # fmt: skip


def told(query: dict[str, str] | None = None, **limits: object) -> Report:
    """Return the report that the query asks for."""
    asked: Asked = asked_of(query or {}, today=TODAY, **limits)  # type: ignore[arg-type]
    return conversations.report(asked, now=NOW)


def of(report: Report, label: str) -> Figures:
    return next(line.figures for line in report.lines if line.label == label)


def test_each_figure_is_what_was_done(
    lin: Staff, chen: Staff, buyer: Member, store: Store
) -> None:
    sent(lin, buyer, NOW - 2 * DAY, clicks=3)
    other_member = make.member("周", on=make.account())
    sent(lin, other_member, NOW - 2 * DAY)
    said(lin, buyer, NOW - DAY)
    said(lin, buyer, NOW - DAY, push="accepted")
    said(lin, buyer, NOW - DAY, push="failed")
    order = make.order(buyer, 3_000, 1_000, placed_at=NOW - HOUR)
    alone = make.order(None, 6_000, placed_at=NOW - HOUR)
    line = order.lines.first()
    assert line is not None
    make.refund(line, 500, at=NOW)
    credited(order, alone)

    report = told()

    own = of(report, "林怡君")
    assert (own.bound, own.by_qr, own.by_hand) == (1, 1, 0)
    assert (own.messages, own.pushes) == (3, 1)
    assert (own.links, own.opened, own.clicks, own.click_rate) == (2, 1, 3, 5_000)
    assert (own.orders, own.link_orders, own.conversion) == (1, 1, 3_333)
    assert (own.credited, own.refunded, own.revenue, own.aov) == (
        4_000, 500, 3_500, 3_500,
    )  # fmt: skip
    assert own.cost == Decimal("0.2")
    assert own.return_on_cost == 17_500
    assert (own.influenced_orders, own.influenced) == (1, 3_500)
    first = report.lines[0]
    assert (first.label, first.figures.revenue) == ("總部或自主下單", 6_000)
    lines = {line.label: line for line in report.lines}
    assert lines["林怡君"].share == 3_684  # of 9,500
    assert lines["林怡君"].aov_gap == pytest.approx(-26.3, abs=0.1)  # of 4,750
    assert "陳柏翰" not in lines
    assert report.mean == 4_750


def test_influence_stands_beside_the_last_touch(
    lin: Staff, chen: Staff, buyer: Member
) -> None:
    sent(chen, buyer, NOW - 13 * DAY, clicks=1)
    sent(lin, buyer, NOW - 2 * DAY, clicks=1)
    old = make.order(buyer, 700, placed_at=NOW - 13 * DAY - HOUR)
    order = make.order(buyer, 4_000, placed_at=NOW)
    credited(old, order)

    report = told()

    assert of(report, "林怡君").revenue == 4_000
    assert (of(report, "陳柏翰").revenue, of(report, "陳柏翰").influenced) == (0, 4_000)
    assert of(report, "林怡君").influenced == 4_000
    # An order that two people touched counts once in the total.
    assert report.total.figures.influenced == 4_000


def mixed(lin: Staff, chen: Staff, buyer: Member) -> None:
    """Sell in every way, with refunds and shares, on several days."""
    orders: list[Order] = []
    for n, seller in enumerate([lin, chen, lin, chen]):
        at = NOW - n * DAY - HOUR
        person = make.member(f"客{n}", now=at - DAY)
        sent(seller, person, at - 5 * HOUR, clicks=1)
        orders.append(make.order(person, 1_111 + n, 333, placed_at=at))
        orders.append(make.order(None, 777, placed_at=at))
        orders.append(
            make.order(
                person, 2_345, placed_at=at, channel="store", seller=seller,
                store=seller.postings.get().store,
            )
        )  # fmt: skip
    orders.append(make.order(buyer, 999, placed_at=NOW - HOUR))
    for order in orders[::2]:
        line = order.lines.first()
        assert line is not None
        make.refund(line, 100, at=NOW)
    credited(*orders)


def ledger() -> int:
    """Return the credits in force less what was given back of their lines."""
    force = Credit.objects.filter(superseded_at=None)
    back = RefundLine.objects.aggregate(sum=Sum("amount"))["sum"]
    return int(force.aggregate(sum=Sum("amount"))["sum"] - back)


@pytest.mark.parametrize("group", ["person", "store", "day", "week", "month"])
def test_the_rows_add_up_to_the_ledger_to_the_dollar(
    lin: Staff, chen: Staff, buyer: Member, group: str
) -> None:
    mixed(lin, chen, buyer)

    report = told({"group": group})

    def total(name: str) -> int:
        return sum(getattr(line.figures, name) for line in report.lines)

    assert total("revenue") + total("in_store") == ledger()
    whole = report.total.figures
    assert whole.revenue + whole.in_store == ledger()
    gross = Credit.objects.filter(superseded_at=None, is_online=True)
    assert total("credited") == gross.aggregate(sum=Sum("amount"))["sum"]
    assert sum(line.share or 0 for line in report.lines) == pytest.approx(10_000, abs=5)


@pytest.mark.parametrize("group", ["person", "store", "day", "week", "month"])
@pytest.mark.parametrize("figure", ["orders", "influence"])
def test_the_orders_behind_a_row_are_its_figure(
    lin: Staff, chen: Staff, buyer: Member, group: str, figure: str
) -> None:
    mixed(lin, chen, buyer)
    for line in (*told({"group": group}).lines, told().total):
        query = dict(each.split("=") for each in line.query.split("&"))
        behind = conversations.orders_behind(
            asked_of(query, today=TODAY).scope, figure, number="1"
        )
        own = line.figures
        wanted = (own.orders, own.revenue)
        if figure == "influence":
            wanted = (own.influenced_orders, own.influenced)
        assert (behind.page.paginator.count, behind.total) == wanted
        assert sum(row.net for row in behind.rows) == behind.total


def test_a_share_of_an_order_counts_the_order_once(
    lin: Staff, chen: Staff, buyer: Member
) -> None:
    order = make.order(buyer, 1_000, placed_at=NOW - HOUR)
    credited(order)
    whole = Credit.objects.get()
    Credit.objects.filter(pk=whole.pk).update(share=5_000, amount=500)
    Credit.objects.create(
        decision=whole.decision, line=whole.line, staff=chen, store=None, share=5_000,
        amount=500, placed_at=whole.placed_at, is_online=True,
    )  # fmt: skip
    report = told()
    assert [of(report, who).orders for who in ("林怡君", "陳柏翰")] == [1, 1]
    assert (report.total.figures.orders, report.total.figures.revenue) == (1, 1_000)


def test_weeks_run_from_sunday_to_saturday(lin: Staff, buyer: Member) -> None:
    saturday = datetime(2026, 11, 21, 23, 59, 59, 999_999, tzinfo=clock.TAIPEI)
    sunday = datetime(2026, 11, 22, tzinfo=clock.TAIPEI)
    credited(
        make.order(buyer, 100, placed_at=saturday),
        make.order(buyer, 30, placed_at=sunday),
    )
    lines = told({"group": "week"}).lines
    assert [(line.label, line.figures.revenue) for line in lines] == [
        ("11/22 – 11/28", 30),
        ("11/15 – 11/21", 100),
    ]


def test_days_are_those_of_taipei_to_the_microsecond(lin: Staff, buyer: Member) -> None:
    first = datetime(2026, 11, 9, tzinfo=clock.TAIPEI)
    early = make.order(buyer, 10, placed_at=first - timedelta(microseconds=1))
    credited(early, make.order(buyer, 200, placed_at=first))
    assert told().total.figures.revenue == 200
    assert told().scope.first == date(2026, 11, 9)


def test_a_reader_sees_no_more_than_their_scope(
    lin: Staff, chen: Staff, buyer: Member, store: Store, other: Store
) -> None:
    mixed(lin, chen, buyer)
    own = told(stores=[store.pk])
    assert [line.label for line in own.lines] == ["林怡君"]
    # Another's store, asked for by hand, is not given.
    sly = told({"store": str(other.pk)}, stores=[store.pk])
    assert [line.label for line in sly.lines] == ["林怡君"]
    alone = told({"person": str(chen.pk)}, person=lin.pk)
    assert [line.label for line in alone.lines] == ["林怡君"]
    assert told({"store": str(other.pk)}).total.figures.in_store > 0


def test_what_waits_for_its_credit_is_said(buyer: Member) -> None:
    make.order(buyer, 100, placed_at=NOW - HOUR)
    assert told().pending == 1


def test_nothing_at_all_is_a_report_too() -> None:
    report = told()
    assert report.lines == ()
    assert report.total.figures == Figures()
    assert (report.mean, report.total.share, report.total.aov_gap) == (None, None, None)


def test_the_number_of_queries_never_grows(
    lin: Staff, chen: Staff, buyer: Member
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            told()
        return len(queries)

    cost()
    few = cost()
    mixed(lin, chen, buyer)
    assert few <= cost() <= REPORT_QUERIES


def thought_over(lin: Staff, *minutes: float) -> Iterator[Order]:
    """Yield orders that came so long after the last click on a link."""
    for n, gap in enumerate(minutes):
        person = make.member(f"想{n}", now=NOW - 30 * DAY)
        at = NOW - 2 * DAY
        link = sent(lin, person, at - 12 * DAY)
        click = at - gap * MINUTE
        for earlier in (2 * DAY, 0 * DAY):
            attribution.follow_link(link.code, visitor="v", now=click - earlier)
        attribution.follow_link(link.code, visitor="v", now=at + HOUR)  # too late
        yield make.order(person, 100, placed_at=at, reference=link.code)


def test_consideration_is_the_time_from_the_last_click(
    lin: Staff, chen: Staff, store: Store
) -> None:
    list(thought_over(lin, 4, 20, 60, 120, 20_000))
    scope = asked_of({}, today=TODAY).scope
    found = conversations.consideration(scope)
    assert (found.orders, found.low, found.median, found.high) == (5, 20, 60, 120)
    assert [bar.orders for bar in found.bars] == [1, 1, 0, 2, 0, 0, 0, 0, 1]
    mine = asked_of({"person": str(chen.pk)}, today=TODAY).scope
    none = conversations.consideration(mine)
    assert (none.orders, none.median, sum(bar.orders for bar in none.bars)) == (
        0, None, 0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ({}, (date(2026, 11, 9), TODAY)),
        ({"period": "week"}, (date(2026, 11, 16), TODAY)),
        ({"period": "month"}, (date(2026, 11, 1), TODAY)),
        ({"period": "custom"}, (date(2026, 11, 9), TODAY)),
        ({"period": "nonsense", "since": "2026-11-20"}, (date(2026, 11, 9), TODAY)),
        (
            {"period": "custom", "since": "2026-12-24", "until": "2026-11-20"},
            (date(2026, 11, 20), TODAY),
        ),
        ({"period": "custom", "since": "2020-01-01"}, (date(2026, 8, 23), TODAY)),
        ({"period": "custom", "until": "2026-11-01"}, (date(2026, 11, 1),) * 2),
    ],
)
def test_the_days_asked_for(query: dict[str, str], days: tuple[date, date]) -> None:
    scope = asked_of(query, today=TODAY).scope
    assert (scope.first, scope.last) == days


def test_the_table_to_take_away_is_the_report(
    lin: Staff, chen: Staff, buyer: Member
) -> None:
    mixed(lin, chen, buyer)
    report = told()
    heads, rows = conversations.table(report)
    assert len(rows) == len(report.lines) + 1
    assert {len(row) for row in rows} == {len(heads)}
    assert rows[-1][heads.index("業績")] == report.total.figures.revenue
