"""Two stores, their people, a customer who buys: what the pages about sales need."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from apps.attribution import services as attribution
from apps.attribution.models import Touch
from apps.catalog.models import Product
from apps.commissions import services as commissions
from apps.conversations.models import Conversation
from apps.core import clock
from apps.members.models import Identity, Member
from apps.orders.models import Order
from apps.reports import services as reports
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make

DAY = timedelta(days=1)

__all__ = ["as_", "chen", "hq", "lin", "other_store", "siyu", "store", "wang"]


@pytest.fixture
def store(db: None) -> Store:
    make.plan()
    return make.store("台北中山店", name_en="Zhongshan")


@pytest.fixture
def other_store(db: None) -> Store:
    return make.store("高雄美術館店")


@pytest.fixture
def lin(store: Store) -> Staff:
    return make.staff("林怡君", at=store)


@pytest.fixture
def wang(store: Store) -> Staff:
    """Return the manager of Lin's store."""
    return make.staff("王店長", at=store, role=Staff.Role.MANAGER)


@pytest.fixture
def chen(other_store: Store) -> Staff:
    return make.staff("陳柏翰", at=other_store)


@pytest.fixture
def hq(db: None) -> Staff:
    return make.staff("許雅筑", role=Staff.Role.ADMIN)


@pytest.fixture
def siyu(lin: Staff, store: Store) -> Member:
    """Return Lin's customer, who is known on LINE."""
    person = make.member("陳思妤", on=make.account(), now=clock.now() - 90 * DAY)
    make.bound(person, lin, store, since=clock.now() - 60 * DAY)
    return person


@pytest.fixture
def as_(client: Client) -> Callable[[Staff], Client]:
    """Return a verb that signs a person in."""

    def sign_in(person: Staff) -> Client:
        client.force_login(person)
        return client

    return sign_in


def settled(*orders: Order) -> Order:
    """Credit the orders, accrue and reverse, bring the figures up; return the first."""
    now = clock.now()
    attribution.credit([order.pk for order in orders], now=now)
    commissions.accrue(now=now)
    commissions.reverse(now=now)
    reports.refresh_recent(now=now)
    return orders[0]


def bought(buyer: Member | None, *amounts: int, **fields: Any) -> Order:
    """Let the member buy on the web, with all that follows from it."""
    fields.setdefault("placed_at", clock.now())
    return settled(make.order(buyer, *amounts, **fields))


def rung_up(seller: Staff, amount: int, *, buyer: Member | None = None) -> Order:
    """Ring a sale up in the person's store."""
    at = seller.postings.get().store
    order = make.order(
        buyer, amount, channel=Order.Channel.STORE, store=at, seller=seller
    )
    return settled(order)


def replied(member: Member, staff: Staff, at: datetime) -> None:
    """Record that the person answered the member in the chat."""
    _touched(Touch.Kind.CHAT_REPLY, member, staff, None, "message", at)


def clicked(member: Member, staff: Staff, product: Product) -> None:
    """Record that the member just opened the person's link to the product."""
    at = clock.now() - timedelta(minutes=1)
    _touched(Touch.Kind.LINK_CLICK, member, staff, product, "click", at)


def _touched(
    kind: Touch.Kind,
    member: Member,
    staff: Staff,
    product: Product | None,
    proof: str,
    at: datetime,
) -> None:
    attribution.touch(
        kind,
        member=member,
        staff=staff,
        store=None,
        product=product,
        link=None,
        evidence=(proof, make.number()),
        now=at,
    )


def waiting(member: Member, *, desk: str, staff: Staff | None = None) -> Conversation:
    """Let the member wait for an answer on HQ's desk or a person's."""
    now = clock.now()
    identity = member.identities.get(kind=Identity.Kind.LINE)
    return Conversation.objects.create(
        account=make.account(), member=member, address=identity.value, desk=desk,
        staff=staff, last_message_at=now, waiting_since=now, created_at=now,
        preview="駝色 M 號有貨嗎？",
    )  # fmt: skip
