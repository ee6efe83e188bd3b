"""Orders become decisions and credits, again and again, and only what changed moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from apps.attribution import services as attribution
from apps.attribution import tasks
from apps.attribution.models import Click, Credit, Decision, PromoLink, Touch
from apps.core import clock
from apps.members.models import Identity, Member
from apps.orders.models import Order
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


def replied(member: Member, staff: Staff, at: datetime, proof: int) -> None:
    """Record a reply to the member."""
    attribution.touch(
        Touch.Kind.CHAT_REPLY,
        member=member,
        staff=staff,
        store=None,
        product=None,
        link=None,
        evidence=("message", proof),
        now=at,
    )


def winners(order: Order) -> list[tuple[str, int | None]]:
    """Return the class and person of each line's credit in force."""
    credits_ = Credit.objects.filter(line__order=order, superseded_at=None)
    return list(credits_.order_by("line").values_list("decision__basis", "staff"))


def test_each_line_gets_its_decision_with_every_candidate(
    lin: Staff, huang: Staff, store: Store
) -> None:
    buyer = make.member()
    make.bound(buyer, huang, store, since=NOW - 90 * DAY)
    replied(buyer, lin, NOW - 31 * MINUTE, 1)
    order = make.order(buyer, 4_280, 1_200, placed_at=NOW)

    done = attribution.credit([order.pk], now=NOW)

    assert (done.orders, done.decided, done.superseded) == (1, 2, 0)
    assert winners(order) == [("chat", lin.pk), ("chat", lin.pk)]
    decision = Decision.objects.get(line=order.lines.first())
    statuses = [(c["basis"], c["staff"], c["status"]) for c in decision.candidates]
    assert statuses == [
        ("chat", lin.pk, "won"),
        ("binding", huang.pk, "outranked"),
        ("house", None, "unused"),
    ]
    assert decision.people == sorted([lin.pk, huang.pk])
    order.refresh_from_db()
    assert order.credit_due_at is None


def test_crediting_again_changes_nothing(lin: Staff) -> None:
    buyer = make.member()
    replied(buyer, lin, NOW - DAY, 1)
    order = make.order(buyer, 1_000, placed_at=NOW)
    attribution.credit([order.pk], now=NOW)
    assert attribution.credit([order.pk], now=NOW + MINUTE).decided == 0
    assert Decision.objects.count() == 1


def test_the_number_of_queries_does_not_grow(lin: Staff, store: Store) -> None:
    def cost(orders: int) -> int:
        ids = []
        for n in range(orders):
            buyer = make.member(f"{orders}-{n}", phone=f"+8869{orders:04d}{n:04d}")
            make.bound(buyer, lin, store, since=NOW - DAY)
            replied(buyer, lin, NOW - DAY, make.number())
            ids.append(make.order(buyer, 500, 700, placed_at=NOW - 5 * DAY).pk)
            ids.append(make.order(buyer, 500, 700, placed_at=NOW).pk)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            attribution.credit(ids, now=NOW + 3 * DAY)
        return len(queries)

    attribution.credit([make.order(None, 1).pk], now=NOW)
    assert cost(2) == cost(20)


def test_a_late_touch_has_the_order_credited_again(
    lin: Staff, huang: Staff, store: Store, drain: Callable[[], list[str]]
) -> None:
    buyer = make.member()
    make.bound(buyer, huang, store, since=NOW - 90 * DAY)
    order = make.order(buyer, 1_000, placed_at=NOW)
    tasks.credit_pending()
    assert winners(order) == [("binding", huang.pk)]

    replied(buyer, lin, NOW - DAY, 1)
    drain()

    assert winners(order) == [("chat", lin.pk)]
    assert Decision.objects.filter(line__order=order).count() == 2


def test_a_late_touch_leaves_alone_what_it_cannot_change(
    lin: Staff, huang: Staff
) -> None:
    buyer, other = make.member("甲"), make.member("乙")
    link = attribution.make_link(
        huang, None, member=buyer, product=make.product(), now=NOW - 2 * DAY
    )
    attribution.follow_link(link.code, visitor="v", now=NOW - 2 * DAY)
    orders = [
        make.order(buyer, 1_000, placed_at=NOW),  # a link outranks a chat
        make.order(other, 1_000, placed_at=NOW),  # somebody else's
        make.order(buyer, 1_000, placed_at=NOW + 20 * DAY),  # out of the window
        make.order(buyer, 1_000, placed_at=NOW - 3 * DAY),  # placed before it
    ]
    attribution.credit([order.pk for order in orders], now=NOW)
    replied(buyer, lin, NOW - DAY, 1)
    assert not Order.objects.filter(credit_due_at__isnull=False).exists()


def test_a_settled_decision_stays(lin: Staff) -> None:
    buyer = make.member()
    order = make.order(buyer, 1_000, placed_at=NOW)
    attribution.credit([order.pk], now=NOW)
    assert attribution.settle(NOW.date().replace(day=1), now=NOW) == 1
    replied(buyer, lin, NOW - DAY, 1)
    assert attribution.credit([order.pk], now=NOW).decided == 0
    assert winners(order) == [("house", None)]


def test_staff_who_buy_for_themselves_are_left_out_and_flagged(
    lin: Staff, store: Store
) -> None:
    Staff.objects.filter(pk=lin.pk).update(phone="0912-345-678")
    buyer = make.member()
    Identity.objects.create(
        member=buyer, kind="phone", value="+886912345678", created_at=NOW
    )
    make.bound(buyer, lin, store, since=NOW - DAY)
    order = make.order(buyer, 1_000, placed_at=NOW)
    attribution.credit([order.pk], now=NOW)
    assert winners(order) == [("house", None)]
    assert Decision.objects.get().is_self_purchase


def test_replies_of_hq_earn_nothing(store: Store) -> None:
    buyer = make.member()
    replied(buyer, make.staff("客服", role=Staff.Role.SERVICE), NOW - DAY, 1)
    order = make.order(buyer, 1_000, placed_at=NOW)
    attribution.credit([order.pk], now=NOW)
    assert winners(order) == [("house", None)]


def test_an_order_of_nobody_known_counts_by_the_link_it_came_by(lin: Staff) -> None:
    link = attribution.make_link(
        lin, None, member=make.member(), product=make.product(), now=NOW - DAY
    )
    Click.objects.create(link=link, at=NOW - MINUTE, visitor="a friend's phone")
    order = make.order(None, 1_000, placed_at=NOW, reference=link.code)
    attribution.credit([order.pk], now=NOW)
    assert winners(order) == [("link", lin.pk)]


def test_an_order_is_credited_by_the_policy_of_its_time(lin: Staff) -> None:
    admin = make.staff("總部", role=Staff.Role.ADMIN)
    buyer = make.member()
    replied(buyer, lin, NOW - DAY, 1)
    attribution.credit([], now=NOW)
    attribution.publish_policy(
        {"classes": [{"basis": "house"}]},
        effective_from=NOW,
        by=admin,
        now=NOW - MINUTE,
    )
    before = make.order(buyer, 1_000, placed_at=NOW - timedelta(microseconds=1))
    after = make.order(buyer, 1_000, placed_at=NOW)
    attribution.credit([before.pk, after.pk], now=NOW)
    assert (winners(before), winners(after)) == (
        [("chat", lin.pk)],
        [("house", None)],
    )


def test_an_order_that_fails_lets_the_others_pass(
    lin: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    buyer = make.member()
    orders = [make.order(buyer, 100 + n, placed_at=NOW) for n in range(3)]
    connection.cursor().execute(
        "create function fails() returns trigger language plpgsql as $$ begin"
        " if new.amount = 101 then raise exception 'no'; end if; return new; end $$;"
        "create trigger fails before insert on attribution_credit"
        " for each row execute function fails()"
    )
    assert tasks.credit_pending() == 3
    waiting = Order.objects.filter(credit_due_at__isnull=False)
    assert [order.pk for order in waiting] == [orders[1].pk]


def test_the_pages_of_those_who_gain_and_lose_are_told(
    lin: Staff, huang: Staff, store: Store
) -> None:
    buyer = make.member()
    make.bound(buyer, huang, store, since=NOW - DAY)
    order = make.order(buyer, 1_000, placed_at=NOW)
    attribution.credit([order.pk], now=NOW)
    replied(buyer, lin, NOW - MINUTE, 1)
    with CaptureQueriesContext(connection) as queries:
        attribution.credit([order.pk], now=NOW)
    notices = [q["sql"] for q in queries if "pg_notify" in q["sql"]]
    assert len(notices) == 2
    assert f"staff:{lin.pk}" in notices[0]
    assert f"staff:{huang.pk}" in notices[1]


def test_the_same_proof_is_one_touch(lin: Staff) -> None:
    buyer = make.member()
    replied(buyer, lin, NOW, 7)
    replied(buyer, lin, NOW + DAY, 7)
    assert list(Touch.objects.values_list("at", flat=True)) == [NOW]


def test_all_links_of_a_day_to_one_product_are_one(lin: Staff) -> None:
    buyer, coat = make.member(), make.product()
    first = attribution.make_link(lin, None, member=buyer, product=coat, now=NOW)
    again = attribution.make_link(
        lin, None, member=buyer, product=coat, now=NOW + MINUTE
    )
    later = attribution.make_link(lin, None, member=buyer, product=coat, now=NOW + DAY)
    other = attribution.make_link(
        lin, None, member=make.member("乙"), product=coat, now=NOW
    )
    assert again == first
    assert len({first.code, later.code, other.code}) == 3
    assert PromoLink.objects.count() == 3
