"""Tell the demo's whole story into an empty database, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from random import Random

import httpx
from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django_q.models import OrmQ
from faker import Faker

from apps.attribution import services as attribution
from apps.channels.models import Account
from apps.commissions import services as commissions
from apps.conversations.models import Message
from apps.core import clock
from apps.gateway import keys
from apps.members.models import Identity
from apps.messaging import tasks as messaging_tasks
from apps.orders.models import Order
from apps.reports import services as reports
from apps.reports.models import DailySales
from apps.stores.models import Store, Target
from config.demo import (
    attributes,
    books,
    brand,
    browsing,
    card,
    chats,
    coupons,
    goods,
    identities,
    links,
    loyalty,
    pay,
    people,
    pickups,
    places,
    sales,
    signals,
    tags,
)

Report = Callable[[str], None]
Facts = dict[str, object]
SEED = 20_261_122
SHOP_SCOPES = [
    "products:read", "orders:write", "orders:read", "links:read", "events:write",
    "members:read", "carts:write", "carts:read", "coupons:use", "points:use",
]  # fmt: skip
PEOPLE_A_CALL = MESSAGES_A_CALL = 1_000
CREDITED_AT_ONCE = 500


@dataclass(frozen=True)
class SignIn:
    """Where to go in the demo, and as whom."""

    path: str
    who: str
    code: str
    password: str


def sign_ins() -> list[SignIn]:
    """Return the doors of the demo with somebody for each."""
    return [
        SignIn(
            "/hq/", f"總部管理員 {brand.HQ[0].name}", brand.HQ[0].code, brand.PASSWORD
        ),
        SignIn(
            "/chat/", f"總部客服 {brand.HQ[2].name}", brand.HQ[2].code, brand.PASSWORD
        ),
        SignIn("/helper/", "店員 林怡君", "lin", brand.PASSWORD),
        SignIn("/helper/", "店長 周曼寧", "zs01", brand.PASSWORD),
    ]


def build(members: int, seed: int = SEED, *, report: Report) -> None:
    """Make the brand with so many members; `report` is told of each step."""
    random, faker = Random(seed), Faker("zh_TW")  # noqa: S311  (a story, not a secret)
    Faker.seed(seed)
    now = clock.now()
    report("門市、人員、商品")
    scene = places.build(random, faker, now=now)
    pay.publish(now=now)
    loyalty.rules(now=now)
    told = orders = 0
    awaited = chats.Awaited()
    for batch in people.build(random, faker, scene, count=members, now=now):
        orders += sales.build(random, scene, batch, now=now)
        chats.build(random, scene, batch, awaited, now=now)
        links.build(Random(seed + told), scene, batch, now=now)  # noqa: S311
        _credit(now=now)
        told += len(batch)
        report(f"會員 {told:,} / {members:,}，訂單 {orders:,}，業績已認列")
    links.own_links(Random(seed), scene, now=now)  # noqa: S311
    report("點數、會員禮")
    loyalty.lives(Random(seed), now=now)  # noqa: S311
    report("購物車、門市取貨")
    goods.build(Random(seed), now=now)  # noqa: S311
    report("優惠券")
    coupons.build(Random(seed), now=now)  # noqa: S311
    pickups.build(Random(seed), now=now)  # noqa: S311
    signals.build(Random(seed), scene, now=now)  # noqa: S311
    browsing.build(Random(seed), now=now)  # noqa: S311
    tags.build(Random(seed), now=now)  # noqa: S311
    card.build(Random(seed), now=now)  # noqa: S311
    _credit(now=now)
    report("疑似同一人、潛在顧客")
    identities.build(Random(seed), scene, now=now)  # noqa: S311
    _credit(now=now)
    attributes.build(Random(seed), now=now)  # noqa: S311
    report("報表")
    with connection.cursor() as cursor:
        cursor.execute("analyze")  # nobody else can see these rows yet
    reports.rebuild(now=now)
    _targets(now=now)
    report("月結與爭議")
    pay.reward(now=now)
    books.settle(now=now)
    books.object_to_credits(now=now)
    pay.mend(now=now)
    OrmQ.objects.all().delete()  # what the steps above rang for is done


def _credit(*, now: datetime) -> None:
    """Credit the orders and pay the credits, as the worker does, until none waits."""
    waiting = Order.objects.filter(credit_due_at__lte=now)
    while ids := list(waiting.to_credit(CREDITED_AT_ONCE).values_list("pk", flat=True)):
        attribution.credit(ids, now=now)
    while commissions.accrue(now=now).credits or commissions.reverse(now=now):
        continue


def _targets(*, now: datetime) -> None:
    """Give each store a target that its sales so far stand to as the story wants."""
    month = clock.month_of(now)
    through = (clock.day_of(now) - month).days + 1
    progress = through / (clock.next_month(month) - month).days
    sold = dict(
        DailySales.objects.filter(store__isnull=False, day__gte=month)
        .values_list("store")
        .annotate(Sum("net"))
    )
    wanted = {place.code: place.attainment for place in brand.STORES}
    Target.objects.bulk_create(
        Target(
            store=store,
            month=month,
            amount=_target(sold.get(store.pk, 0), wanted[store.code], progress),
        )
        for store in Store.objects.all()
    )


def _target(sold: int, attainment: int, progress: float) -> int:
    """Return the target of which `sold` is the attainment (%) on the story's day 22.

    On another day of the month the share is as far along as that day.
    """
    share = attainment / 100 * progress / (22 / 30)
    return max(50_000, round(sold / share / 10_000) * 10_000)


def connect(*, simulator_url: str, public_url: str) -> None:
    """Make the account and its friends known to the stand-in, and the shop to us."""
    account = Account.objects.get(slug=brand.ACCOUNT_SLUG)
    keys.ensure_key(
        "demo shop", settings.SHOP_API_KEY, scopes=SHOP_SCOPES, now=clock.now()
    )
    headers = {"Authorization": f"Bearer {settings.SIMULATOR_TOKEN}"}
    with httpx.Client(base_url=simulator_url, headers=headers, timeout=60) as client:
        client.put(
            f"/control/accounts/{account.slug}",
            json={
                "name": account.name,
                "basic_id": account.basic_id,
                "bot_user_id": account.bot_user_id,
                "channel_id": account.channel_id,
                "channel_secret": account.channel_secret,
                "access_token": account.access_token,
                "login_channel_id": account.login_channel_id,
                "login_channel_secret": account.login_channel_secret,
                "liff_id": account.liff_id,
                "liff_endpoint_url": f"{public_url}/m/liff/",
                "callback_urls": [f"{public_url}/m/login/"],
                "webhook_url": f"{public_url}/webhooks/line/{account.slug}/",
                "monthly_quota": 6_000,
            },
        ).raise_for_status()
        for people_ in _portions(_friends(account), PEOPLE_A_CALL):
            client.post("/control/people", json={"people": people_}).raise_for_status()
        for bubbles in _portions(_history(), MESSAGES_A_CALL):
            client.post(
                "/control/history",
                json={"account": account.slug, "messages": bubbles},
            ).raise_for_status()
    messaging_tasks.refresh_quota()


def _history() -> Iterator[Facts]:
    """Yield what was said, for the phones to show."""
    said = Message.objects.filter(direction__in=["in", "out"]).order_by("at", "id")
    for message in said.select_related("conversation", "staff").iterator():
        yield {
            "user_id": message.conversation.address,
            "message_id": message.external_id or f"demo-out-{message.pk}",
            "via": "user" if message.direction == "in" else "push",
            "at": message.at.isoformat(),
            "message": {"type": "text", "text": message.text}
            | ({"sender": {"name": message.staff.name}} if message.staff else {}),
        }


def _friends(account: Account) -> Iterator[Facts]:
    rows = Identity.objects.filter(kind="line", account=account)
    for identity in rows.order_by("member_id").select_related("member").iterator():
        yield {
            "user_id": identity.value,
            "name": identity.name,
            "hue": identity.member.hue,
            "friends": {account.slug: "friend"},
        }


def _portions(rows: Iterator[Facts], size: int) -> Iterator[list[Facts]]:
    while portion := list(islice(rows, size)):
        yield portion
