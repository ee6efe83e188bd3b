"""A year of purchases: in stores, on the web after a link or a chat, and returns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from apps.attribution.models import Click, PageView, PromoLink, Touch, new_code
from apps.catalog import services as catalog
from apps.catalog.models import Product
from apps.core import clock
from apps.orders import services as orders
from apps.orders.services import CustomerIn, LineIn, OrderIn, RefundIn, RefundLineIn
from apps.staff.models import Staff
from config.demo.people import Customer
from config.demo.places import Places

YEAR = 365
ORDERS_A_YEAR = 4.4
ONLINE, ONLINE_BOUND = 0.30, 0.40
RETURNED = 0.04
DISCOUNTED = 0.35
FESTIVAL = (11, 11)


@dataclass
class Story:
    """The purchases of a batch of customers, and what led to them."""

    orders: list[OrderIn] = field(default_factory=list)
    refunds: list[RefundIn] = field(default_factory=list)
    links: list[PromoLink] = field(default_factory=list)
    clicks: list[tuple[int, datetime]] = field(default_factory=list)
    replies: list[Touch] = field(default_factory=list)
    views: list[PageView] = field(default_factory=list)


def build(
    random: Random, places: Places, customers: Sequence[Customer], *, now: datetime
) -> int:
    """Tell and record the purchases of these customers; return how many."""
    story = Story()
    for customer in customers:
        days = max(0, min(YEAR, (now - customer.joined).days))
        expected = ORDERS_A_YEAR * customer.fondness * days / YEAR
        for _order in range(_poisson(random, expected)):
            _buy(random, places, customer, story, now=now)
    _keep_touches(story)
    orders.record(story.orders, now=now)
    orders.record_refunds(story.refunds, now=now)
    return len(story.orders)


def _poisson(random: Random, expected: float) -> int:
    """Draw how often something happens, by counting exponential gaps."""
    count, gap = 0, random.expovariate(1)
    while gap < expected:
        count += 1
        gap += random.expovariate(1)
    return count


def _buy(
    random: Random, places: Places, customer: Customer, story: Story, *, now: datetime
) -> None:
    placed_at = _moment(random, customer, now=now)
    online = ONLINE if customer.staff is None else ONLINE_BOUND
    # The brand learns to sell online over the year.
    online *= 1.25 - (now - placed_at).days / YEAR * 0.5
    number = f"{placed_at.astimezone(clock.TAIPEI):%y%m}-{len(story.orders):03d}"
    number = f"{number}{customer.pk:06d}"
    products = random.sample(places.products, k=random.choice((1, 1, 1, 2, 2, 3)))
    lines = tuple(
        _line(random, places, product, place)
        for place, product in enumerate(products, start=1)
    )
    if random.random() < online:
        reference = _led_by(random, places, customer, story, products[0], placed_at)
        order = OrderIn(
            source="shop",
            external_id=f"W{number}",
            channel=random.choices(("web", "app"), weights=(5, 1))[0],
            placed_at=placed_at,
            paid_at=placed_at,
            lines=lines,
            reference=reference,
            customer=_keys(customer),
            shipping=0 if sum(line.cost for line in lines) >= 2000 else 80,
        )
    else:
        order = _in_store(random, places, customer, lines, placed_at, number)
    story.orders.append(order)
    if random.random() < RETURNED and placed_at < now - timedelta(days=3):
        story.refunds.append(_return(random, order, now=now))


def _moment(random: Random, customer: Customer, *, now: datetime) -> datetime:
    """Draw when: in opening hours, more on weekends, a crowd on 11/11."""
    span = max(1, min(YEAR, (now - customer.joined).days))
    for _try in range(6):
        day = clock.day_of(now - timedelta(days=random.random() * span))
        is_busy = day.weekday() >= 5 or (day.month, day.day) == FESTIVAL
        if is_busy or random.random() < 0.6:
            break
    minutes = int(random.triangular(11 * 60, 22 * 60, 19 * 60))
    placed_at = clock.start_of(day) + timedelta(minutes=minutes)
    return min(placed_at, now - timedelta(minutes=random.randint(2, 90)))


def _line(random: Random, places: Places, product: Product, place: int) -> LineIn:
    variant = random.choice(places.variants[product.pk])
    discount = 0
    if random.random() < DISCOUNTED:
        discount = product.price * random.choice((5, 10, 15)) // 100
    return LineIn(
        external_id=str(place),
        sku=variant.sku,
        name=f"{product.name} {variant.color} {variant.size}",
        quantity=1,
        unit_price=product.price,
        discount=discount,
    )


def _keys(customer: Customer) -> CustomerIn:
    return CustomerIn(name=customer.name, phone=customer.phone)


def _in_store(
    random: Random,
    places: Places,
    customer: Customer,
    lines: tuple[LineIn, ...],
    placed_at: datetime,
    number: str,
) -> OrderIn:
    store = next(s for s in places.stores if s.pk == customer.store_id)
    if random.random() < 0.15:
        store = random.choices(places.stores, weights=places.weights)[0]
    sellers = places.sellers[store.pk]
    seller = customer.staff
    if seller is None or seller not in sellers or random.random() < 0.3:
        seller = random.choice(sellers)
    return OrderIn(
        source="pos",
        external_id=f"P{number}",
        channel="store",
        placed_at=placed_at,
        paid_at=placed_at,
        lines=lines,
        customer=_keys(customer),
        store_code=store.code,
        seller_code=seller.code if random.random() < 0.93 else "",
    )


def _led_by(
    random: Random,
    places: Places,
    customer: Customer,
    story: Story,
    product: Product,
    placed_at: datetime,
) -> str:
    """Tell what led to an online order; return the reference the shop sends along."""
    draw = random.random()
    staff = customer.staff
    if staff is None:
        if draw > 0.06:
            return ""
        staff = random.choice(places.sellers[customer.store_id])
    elif draw > 0.55:
        return ""
    elif draw > 0.42:
        at = placed_at - timedelta(hours=random.uniform(0.3, 120))
        if at > customer.joined:
            story.replies.append(_reply(customer, staff, at))
        return ""
    return _link(random, customer, staff, story, product, placed_at)


def _reply(customer: Customer, staff: Staff, at: datetime) -> Touch:
    return Touch(
        kind=Touch.Kind.CHAT_REPLY,
        member_id=customer.pk,
        staff=staff,
        store_id=customer.store_id,
        at=at,
        evidence_type="demo",
        evidence_id=f"{customer.pk}-{at.timestamp():.0f}",
    )


def _link(
    random: Random,
    customer: Customer,
    staff: Staff,
    story: Story,
    product: Product,
    placed_at: datetime,
) -> str:
    clicked_at = placed_at - timedelta(minutes=random.expovariate(1 / 900) + 3)
    sent_at = clicked_at - timedelta(minutes=random.expovariate(1 / 240) + 1)
    link = PromoLink(
        code=new_code(),
        staff=staff,
        store_id=customer.store_id,
        member_id=customer.pk,
        product=product,
        target_url=catalog.product_url(product),
        created_at=sent_at,
    )
    story.clicks.append((len(story.links), clicked_at))
    story.links.append(link)
    return link.code


def _return(random: Random, order: OrderIn, *, now: datetime) -> RefundIn:
    line = random.choice(order.lines)
    refunded_at = order.placed_at + timedelta(days=random.randint(1, 9))
    return RefundIn(
        source=order.source,
        order_external_id=order.external_id,
        external_id="R1",
        refunded_at=min(refunded_at, now),
        reason=random.choice(("尺寸不合", "顏色與想像不同", "買重複了")),
        lines=(RefundLineIn(line.external_id, quantity=1, amount=line.cost),),
    )


def _keep_touches(story: Story) -> None:
    links = PromoLink.objects.bulk_create(story.links)
    clicks = Click.objects.bulk_create(
        Click(link=links[place], at=at) for place, at in story.clicks
    )
    sent = [_touch(link, Touch.Kind.LINK_SENT, link.created_at, f"{link.pk}")
            for link in links]  # fmt: skip
    clicked = [_touch(click.link, Touch.Kind.LINK_CLICK, click.at, f"{click.pk}")
               for click in clicks]  # fmt: skip
    Touch.objects.bulk_create([*sent, *clicked, *story.replies])


def _touch(link: PromoLink, kind: str, at: datetime, proof: str) -> Touch:
    if link.member_id is None:
        raise ValueError("the story sends links to members only")
    return Touch(
        kind=kind,
        member_id=link.member_id,
        staff_id=link.staff_id,
        store_id=link.store_id,
        product_id=link.product_id,
        link=link,
        at=at,
        evidence_type="link" if kind == Touch.Kind.LINK_SENT else "click",
        evidence_id=proof,
    )
