"""A few things that HQ should look at, none of them proof of anything."""

from datetime import datetime, timedelta
from random import Random

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from apps.attribution.models import Click, PromoLink
from apps.members.models import Binding, Identity, Member
from apps.orders import services as orders
from apps.orders.services import CustomerIn, LineIn, OrderIn
from apps.staff.models import Staff
from config.demo.places import Places

PHONE = "+886900123456"
CLICKS, CHANGES = 17, 4


def build(random: Random, places: Places, *, now: datetime) -> None:
    """Let a salesperson buy, a link be tapped in a burst, and a customer waver."""
    store = places.stores[1]
    buyer, other = places.sellers[store.pk][:2]
    _own_purchase(random, places, buyer, now=now)
    _burst(random, other, now=now)
    _wavering(places, now=now)


def _own_purchase(
    random: Random, places: Places, person: Staff, *, now: datetime
) -> None:
    Staff.objects.filter(pk=person.pk).update(phone=PHONE)
    store = person.postings.get().store
    at = now - timedelta(days=6, hours=2)
    herself = Member.objects.create(
        name=person.name, phone=PHONE, stage=Member.Stage.REGISTERED, entry="pos",
        home_store=store, created_at=at - timedelta(days=200),
        registered_at=at - timedelta(days=200),
    )  # fmt: skip
    Identity.objects.create(
        member=herself, kind=Identity.Kind.PHONE, value=PHONE, created_at=at
    )
    _bind(herself, person, at - timedelta(days=200), None)
    product = random.choice(places.products)
    variant = places.variants[product.pk][0]
    line = LineIn("1", variant.sku, product.name, 1, product.price)
    order = OrderIn(
        "shop", f"W{at:%y%m}-S01", "web", at, (line,), paid_at=at,
        customer=CustomerIn(name=person.name, phone=PHONE),
    )  # fmt: skip
    orders.record([order], now=now)


def _burst(random: Random, person: Staff, *, now: datetime) -> None:
    link = PromoLink.objects.filter(staff=person, member=None).latest("created_at")
    start = (now - timedelta(days=1)).replace(minute=3, second=0, microsecond=0)
    Click.objects.bulk_create(
        Click(
            link=link,
            at=start + timedelta(seconds=47 * n + random.randint(0, 20)),
            visitor="5f0c1d7c9a",
            device="desktop",
            system="windows",
        )
        for n in range(CLICKS)
    )


def _wavering(places: Places, *, now: datetime) -> None:
    store = places.stores[0]
    pair = places.sellers[store.pk][:2]
    free = Member.objects.filter(bindings=None, stage=Member.Stage.REGISTERED)
    member = free.order_by("pk").first()
    if member is None:
        return
    week = timedelta(days=6)
    first = now - week * CHANGES - timedelta(hours=3)
    for n in range(CHANGES + 1):
        since = first + week * n
        until = None if n == CHANGES else since + week
        _bind(member, pair[n % 2], since, until)


def _bind(
    member: Member, person: Staff, since: datetime, until: datetime | None
) -> None:
    Binding.objects.create(
        member=member,
        staff=person,
        store=person.postings.get().store,
        period=DateTimeTZRange(since, until, "[)"),
        source=Binding.Source.LOGIN,
        created_at=since,
    )
