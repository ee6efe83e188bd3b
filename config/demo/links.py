"""Links that salespeople sent, opened or not, and what they were opened with."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from django.db import connection

from apps.attribution.models import Click, PromoLink, Touch
from apps.attribution.services import make_link
from apps.catalog import services as catalog
from apps.catalog.models import Product
from apps.conversations.models import Message
from apps.core import clock
from apps.messaging.models import Delivery
from apps.orders.models import Order
from config.demo.people import Customer
from config.demo.places import Places

SENT_A_YEAR = 7.0
OPENED = 0.34
AGAIN = 0.3
PUSHED = 0.6
WINDOW = timedelta(days=30)
# Device, system and app's browser, with how often each is met.
DEVICES = (
    (("mobile", "ios", "line"), 41), (("mobile", "android", "line"), 33),
    (("mobile", "ios", ""), 8), (("mobile", "android", ""), 6),
    (("mobile", "ios", "instagram"), 3), (("tablet", "ios", ""), 3),
    (("desktop", "windows", ""), 4), (("desktop", "macos", ""), 2),
)  # fmt: skip
# The links of the story of sales were written without their times.
TIMES = """
    update attribution_promolink l set kind = 'product', sent_at = l.created_at,
        clicked_at = (select min(c.at) from attribution_click c where c.link_id = l.id)
    where l.sent_at is null and l.member_id is not null
"""


def build(
    random: Random, places: Places, customers: Sequence[Customer], *, now: datetime
) -> None:
    """Send these customers links beside those that led to orders; some are opened."""
    with connection.cursor() as cursor:
        cursor.execute(TIMES)
    _deliveries(random)
    links = [
        _link(random, places, customer, now=now)
        for customer in customers
        for _each in range(_times(random, customer, now=now))
    ]
    links = PromoLink.objects.bulk_create(links)
    clicks = Click.objects.bulk_create(_clicks(random, links, customers, now=now))
    _touches(links, clicks)
    _first_clicks(clicks)
    _devices(random)


def own_links(random: Random, places: Places, *, now: datetime) -> None:
    """Let every salesperson have links of their own, shared wherever they like."""
    clicks = []
    for store in places.stores:
        for person in places.sellers[store.pk]:
            made_at = now - timedelta(days=random.randint(5, 40))
            link = make_link(person, store, member=None, now=made_at)
            PromoLink.objects.filter(pk=link.pk).update(sent_at=made_at)
            clicks += [
                Click(link=link, at=_between(random, made_at, now), visitor=f"v{n}")
                for n in range(random.randint(0, 14))
            ]
    _first_clicks(Click.objects.bulk_create(clicks))
    _devices(random)


def _times(random: Random, customer: Customer, *, now: datetime) -> int:
    if customer.staff is None or not customer.line_user_id:
        return 0
    years = min(365, (now - customer.since).days) / 365
    return round(random.expovariate(1) * SENT_A_YEAR * years)


def _link(
    random: Random, places: Places, customer: Customer, *, now: datetime
) -> PromoLink:
    # The brand learns to send links over the year.
    span = min(timedelta(days=365), now - customer.since)
    at = _in_hours(now - span * random.random() ** 1.6, random, now=now)
    product: Product = random.choice(places.products)
    return PromoLink(
        kind=PromoLink.Kind.PRODUCT,
        staff=customer.staff,
        store_id=customer.store_id,
        member_id=customer.pk,
        product=product,
        target_url=catalog.product_url(product),
        created_at=at,
        sent_at=at,
    )


def _in_hours(at: datetime, random: Random, *, now: datetime) -> datetime:
    """Move the moment of a salesperson's act into the shop's hours."""
    minutes = int(random.triangular(11 * 60, 22 * 60, 17 * 60))
    moved = clock.start_of(clock.day_of(at)) + timedelta(minutes=minutes)
    return moved if moved < now else moved - timedelta(days=1)


def _clicks(
    random: Random,
    links: Sequence[PromoLink],
    customers: Sequence[Customer],
    *,
    now: datetime,
) -> list[Click]:
    """Open some, not before an order that the story credits to somebody else."""
    bought: dict[int | None, list[datetime]] = defaultdict(list)
    orders = Order.objects.online().filter(member__in=[each.pk for each in customers])
    for member, at in orders.values_list("member", "placed_at"):
        bought[member].append(at)
    clicks = []
    for link in links:
        at = link.created_at + timedelta(minutes=random.expovariate(1 / 300) + 1)
        is_apart = all(not at < each < at + WINDOW for each in bought[link.member_id])
        if at < now and is_apart and random.random() < OPENED / 0.8:
            clicks.append(Click(link=link, at=at))
            if random.random() < AGAIN:
                clicks.append(Click(link=link, at=_between(random, at, now)))
    return clicks


def _between(random: Random, first: datetime, last: datetime) -> datetime:
    return first + min(last - first, timedelta(days=2)) * random.random()


def _touches(links: Sequence[PromoLink], clicks: Sequence[Click]) -> None:
    sent = [(link, Touch.Kind.LINK_SENT, link.created_at, "link", link.pk)
            for link in links]  # fmt: skip
    clicked = [(click.link, Touch.Kind.LINK_CLICK, click.at, "click", click.pk)
               for click in clicks]  # fmt: skip
    Touch.objects.bulk_create(
        Touch(
            kind=kind,
            member_id=link.member_id,  # type: ignore[misc]  # the story's have one
            staff_id=link.staff_id,
            store_id=link.store_id,
            product_id=link.product_id,
            link=link,
            at=at,
            evidence_type=proof,
            evidence_id=str(pk),
        )
        for link, kind, at, proof, pk in [*sent, *clicked]
    )


def _first_clicks(clicks: Sequence[Click]) -> None:
    first: dict[int, Click] = {}
    for click in clicks:
        known = first.setdefault(click.link_id, click)
        if click.at < known.at:
            first[click.link_id] = click
    for click in first.values():
        click.link.clicked_at = click.at
    PromoLink.objects.bulk_update(
        [click.link for click in first.values()], ["clicked_at"], batch_size=1000
    )


def _deliveries(random: Random) -> None:
    """Say of what salespeople wrote whether it left as a free reply or as a push."""
    said = Message.objects.filter(direction="out", staff__isnull=False, delivery=None)
    messages = list(said.select_related("conversation"))
    pushed = [each for each in messages if random.random() < PUSHED]
    deliveries = Delivery.objects.bulk_create(
        Delivery(
            account_id=each.account_id,
            member_id=each.conversation.member_id,
            to=each.conversation.address,
            kind=Delivery.Kind.PUSH,
            messages=[{"type": "text", "text": each.text}],
            state=Delivery.State.ACCEPTED,
            not_before=each.at,
            created_at=each.at,
            settled_at=each.at,
        )
        for each in pushed
    )
    for message, delivery in zip(pushed, deliveries, strict=True):
        message.delivery = delivery
    Message.objects.bulk_update(pushed, ["delivery"], batch_size=1000)


def _devices(random: Random) -> None:
    """Say of the clicks that have no device yet what they were made with."""
    clicks = list(Click.objects.filter(device=""))
    kinds, weights = zip(*DEVICES, strict=True)
    drawn = random.choices(kinds, weights, k=len(clicks))
    for click, (device, system, in_app) in zip(clicks, drawn, strict=True):
        click.device, click.system, click.in_app = device, system, in_app
    Click.objects.bulk_update(clicks, ["device", "system", "in_app"], batch_size=1000)
