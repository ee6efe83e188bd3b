"""Signals: what is shown for a look, from which number on, and who looked."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange as Range
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from apps.attribution import services as attribution
from apps.attribution.models import Click, PromoLink
from apps.audit.models import AuditEntry
from apps.core import clock
from apps.core.errors import Refused
from apps.members.models import Binding, Member
from apps.reports import services
from apps.reports.models import SignalReview
from apps.reports.reports.signals import Signal, find, signals
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 10, 42, tzinfo=clock.TAIPEI)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
QUERIES = 10


@pytest.fixture(autouse=True)
def _limits(settings: Settings) -> None:
    settings.SHOP_URL = "https://shop.example"
    settings.SIGNAL_DAYS = 30
    settings.SIGNAL_SELF_ORDERS = 1
    settings.SIGNAL_VISITOR_CLICKS = 5
    settings.SIGNAL_LINK_CLICKS = 8
    settings.SIGNAL_REBINDS = 2
    settings.SIGNAL_TAKEOVERS = 3


@pytest.fixture
def store(db: None) -> Store:
    return make.store("台北中山店")


@pytest.fixture
def lin(store: Store) -> Staff:
    return make.staff("林怡君", at=store, phone="+886912345678")


@pytest.fixture
def chen(store: Store) -> Staff:
    return make.staff("陳柏翰", at=store)


@pytest.fixture
def hq(db: None) -> Staff:
    return make.staff("許雅筑", role=Staff.Role.ADMIN)


def shown(kind: str) -> list[tuple[int, int]]:
    """Return the subjects of the kind's signals with their weights."""
    found = find(now=NOW)
    return sorted((each.subject, each.weight) for each in found if each.kind == kind)


def own_order(lin: Staff, store: Store, at: datetime = NOW - HOUR) -> Member:
    """Let Lin buy as a member bound to herself."""
    herself = make.member("林怡君", phone=lin.phone)
    make.bound(herself, lin, store, since=NOW - 90 * DAY)
    order = make.order(herself, 1_000, 500, placed_at=at)
    attribution.credit([order.pk], now=NOW)
    return herself


def clicks(link: PromoLink, visitor: str, n: int, at: datetime) -> None:
    """Open the link so often, a second apart."""
    Click.objects.bulk_create(
        Click(link=link, visitor=visitor, at=at + timedelta(seconds=each))
        for each in range(n)
    )


def moved(member: Member, store: Store, *staff: Staff, last: datetime) -> None:
    """Bind the member to one after the other, a day each, the last at that time."""
    for n, person in enumerate(staff):
        since = last - (len(staff) - 1 - n) * DAY
        until = None if n == len(staff) - 1 else since + DAY
        make.bound(member, person, store, since=since, until=until)


def test_an_order_of_ones_own_is_shown_once(lin: Staff, store: Store) -> None:
    own_order(lin, store)
    assert shown("self_orders") == [(lin.pk, 1)]
    (signal,) = signals(now=NOW)
    assert signal.subject == "林怡君"
    assert "沒有認列給本人" in signal.why
    assert signal.evidence[0].detail == "手機相同"
    assert "NT$1,500" in signal.evidence[0].what


def test_an_order_longer_ago_is_not(lin: Staff, store: Store) -> None:
    own_order(lin, store, at=NOW - 31 * DAY)
    assert shown("self_orders") == []


@pytest.mark.parametrize(("n", "is_shown"), [(4, False), (5, True)])
def test_many_clicks_of_one_visitor_in_an_hour(
    lin: Staff, n: int, *, is_shown: bool
) -> None:
    link = attribution.make_link(lin, None, member=None, now=NOW - DAY)
    hour = NOW.replace(minute=0) - 3 * HOUR
    clicks(link, "v", n, hour)
    clicks(link, "v", 4, hour + HOUR)  # another hour
    clicks(link, "", 7, hour)  # who is not known is nobody
    assert (shown("visitor_clicks") == [(link.pk, n)]) is is_shown
    assert bool(shown("visitor_clicks")) is is_shown


def test_many_clicks_on_a_link_by_anybody(lin: Staff) -> None:
    link = attribution.make_link(lin, None, member=None, now=NOW - DAY)
    hour = NOW.replace(minute=0) - 3 * HOUR
    for visitor in "abcd":
        clicks(link, visitor, 2, hour)
    assert shown("link_clicks") == [(link.pk, 8)]
    (signal,) = signals(now=NOW)
    assert signal.evidence[0].what == "8 次點擊"
    assert "4 位訪客" in signal.evidence[0].detail


def test_a_member_who_changes_again_and_again(
    lin: Staff, chen: Staff, store: Store
) -> None:
    moved(make.member("甲"), store, lin, chen, last=NOW - DAY)
    assert shown("rebound") == []
    fickle = make.member("乙")
    moved(fickle, store, lin, chen, lin, last=NOW - DAY)
    assert shown("rebound") == [(fickle.pk, 2)]
    (signal,) = signals(now=NOW)
    assert [each.what for each in signal.evidence] == [
        "陳柏翰 → 林怡君",
        "林怡君 → 陳柏翰",
    ]


def test_who_takes_many_customers_over(lin: Staff, chen: Staff, store: Store) -> None:
    for name in ("甲", "乙"):
        moved(make.member(name), store, lin, chen, last=NOW - DAY)
    assert shown("taken_over") == []
    moved(make.member("丙"), store, lin, chen, last=NOW - DAY)
    assert shown("taken_over") == [(chen.pk, 3)]


def test_what_hq_moved_is_no_sign(lin: Staff, chen: Staff, store: Store) -> None:
    for name in ("甲", "乙", "丙"):
        member = make.member(name)
        make.bound(member, lin, store, since=NOW - 9 * DAY, until=NOW - DAY)
        Binding.objects.create(
            member=member, staff=chen, store=store, source=Binding.Source.HANDOVER,
            period=Range(NOW - DAY, None), created_at=NOW - DAY,
        )  # fmt: skip
    assert find(now=NOW) == []


def look(signal: Signal, by: Staff, note: str = "都是試穿時點的") -> SignalReview:
    return services.review_signal(
        signal.found.kind, signal.found.subject, note=note, by=by, now=NOW
    )


def test_a_signal_is_looked_at_with_a_note(lin: Staff, store: Store, hq: Staff) -> None:
    herself = own_order(lin, store)
    (signal,) = signals(now=NOW)
    assert signal.is_open
    look(signal, hq)
    (signal,) = signals(now=NOW)
    assert not signal.is_open
    assert signal.review is not None
    assert (signal.review.by, signal.review.note) == (hq, "都是試穿時點的")
    assert AuditEntry.objects.filter(action="signal.reviewed").count() == 1
    # More of the same shows it again, with what was said before.
    order = make.order(herself, 900, placed_at=NOW - MINUTE)
    attribution.credit([order.pk], now=NOW)
    (signal,) = signals(now=NOW)
    assert signal.is_open
    assert signal.review is not None
    assert look(signal, hq, "第二次").weight == 2
    assert SignalReview.objects.count() == 1


def test_a_look_needs_words_and_a_signal(lin: Staff, store: Store, hq: Staff) -> None:
    own_order(lin, store)
    (signal,) = signals(now=NOW)
    with pytest.raises(Refused) as refused:
        look(signal, hq, "  ")
    assert refused.value.code == "note"
    for kind, subject in [("self_orders", lin.pk + 1), ("made_up", lin.pk)]:
        with pytest.raises(Refused) as refused:
            services.review_signal(kind, subject, note="x", by=hq, now=NOW)
        assert refused.value.code == "signal_gone"
    assert not SignalReview.objects.exists()


def test_the_evidence_is_the_newest_and_the_rest_is_counted(
    lin: Staff, store: Store
) -> None:
    herself = own_order(lin, store)
    ids = [make.order(herself, 100, placed_at=NOW - n * HOUR).pk for n in range(2, 25)]
    attribution.credit(ids, now=NOW)
    (signal,) = signals(now=NOW)
    assert (len(signal.evidence), signal.more) == (20, 4)
    assert signal.evidence[0].at == NOW - HOUR


def test_the_number_of_queries_never_grows(
    lin: Staff, chen: Staff, store: Store
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            signals(now=NOW)
        return len(queries)

    own_order(lin, store)
    for n in range(4):
        moved(make.member(f"客{n}"), store, lin, chen, lin, chen, last=NOW - DAY)
        link = attribution.make_link(
            lin, None, member=make.member(f"人{n}"), now=NOW - DAY
        )
        clicks(link, "v", 9, NOW - HOUR)
    assert len(find(now=NOW)) >= 11
    assert cost() <= QUERIES
