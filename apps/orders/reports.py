"""What a cart is worth now, where its goods lie, and how orders are told of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, Sum

from apps.catalog.models import Product, Stock, Variant
from apps.loyalty import services as loyalty
from apps.members.models import Member
from apps.orders.models import Cart, CartLine, Order, Reservation
from apps.orders.rules import carts as rules
from apps.stores.models import Store

MOST_FOUND = 12
MOST_STORES = 3


@dataclass(frozen=True)
class SeenLine:
    """A line of a cart as it is now."""

    line: CartLine
    now: rules.Now
    others: tuple[Variant, ...]  # the product's other colours and sizes

    @property
    def variant(self) -> Variant:
        """Return what it is."""
        return self.line.variant

    @property
    def sheet(self) -> str:
        """Return the id of the drawer with the other colours and sizes."""
        return f"sizes-{self.line.pk}"

    @property
    def most(self) -> int:
        """Return how many the customer may ask for with one more."""
        return min(self.line.quantity + 1, rules.MOST_PIECES)

    @property
    def fewer(self) -> int:
        """Return how many are left with one less."""
        return self.line.quantity - 1


@dataclass(frozen=True)
class PickupChoice:
    """A store where the cart may be fetched, and how many pieces do not lie there."""

    store: Store
    missing: int

    @property
    def has_all(self) -> bool:
        """Tell whether it can be fetched at once."""
        return not self.missing


@dataclass(frozen=True)
class SeenCart:
    """A cart, priced and looked up in the stores now (NT$)."""

    cart: Cart
    lines: tuple[SeenLine, ...]
    stores: tuple[PickupChoice, ...]
    points: loyalty.Quote | None

    @property
    def count(self) -> int:
        """Return how many pieces count."""
        return sum(each.now.quantity for each in self.lines)

    @property
    def amount(self) -> int:
        """Return what they cost."""
        return sum(each.now.amount for each in self.lines)

    @property
    def pieces(self) -> dict[str, int]:
        """Return how many of each SKU go to the checkout."""
        return {
            each.variant.sku: each.now.quantity
            for each in self.lines
            if each.now.quantity
        }

    @property
    def has_changed(self) -> bool:
        """Tell whether something is not as the customer last saw it."""
        return any(each.now.change for each in self.lines)


@dataclass(frozen=True)
class FoundVariant:
    """A variant that could go into a cart: pieces here, and in the other stores."""

    variant: Variant
    here: int
    elsewhere: int


@dataclass(frozen=True)
class FoundProduct:
    """A product that was looked for, with its variants."""

    product: Product
    variants: tuple[FoundVariant, ...]


def look(cart: Cart, *, now: datetime, with_points: bool = False) -> SeenCart:
    """Price the cart anew and count what can be had (six queries at the most)."""
    lines = list(cart.lines.select_related("variant__product"))
    stock = _stock_of([line.variant_id for line in lines], _kept_for(cart))
    siblings = _siblings(lines)
    seen = tuple(
        SeenLine(
            line,
            rules.look_again(_facts(line, stock)),
            tuple(v for v in siblings[line.variant.product_id] if v != line.variant),
        )
        for line in lines
    )
    amount = sum(each.now.amount for each in seen)
    return SeenCart(
        cart,
        seen,
        _choices(cart, seen, stock),
        _points_of(cart.member, seen, amount, now=now)
        if with_points and cart.member and amount
        else None,
    )


def _points_of(
    member: Member, seen: Sequence[SeenLine], amount: int, *, now: datetime
) -> loyalty.Quote:
    """Return what the member's points may pay of the cart in the web shop."""
    items = tuple(
        loyalty.BasketItem(
            each.now.amount,
            each.line.variant.product_id,
            each.line.variant.product.category_id,
        )
        for each in seen
    )
    basket = loyalty.Basket(Order.Channel.WEB, items=items)
    return loyalty.quote(member, basket_total=amount, basket=basket, now=now)


def find_goods(search: str, *, store: Store | None) -> list[FoundProduct]:
    """Look products up by name, number or scanned SKU, with what lies where."""
    if not search:
        return []
    found = list(
        Product.objects.on_sale()
        .matching(search)
        .select_related("category")
        .prefetch_related("variants")
        .order_by("name")[:MOST_FOUND]
    )
    stock = _stock_of([v.pk for product in found for v in product.variants.all()])
    return [
        FoundProduct(
            product,
            tuple(_found(each, stock, store) for each in product.variants.all()),
        )
        for product in found
    ]


Shelf = Mapping[int, Mapping[int, int]]  # variant → store → pieces available


def _kept_for(cart: Cart) -> dict[tuple[int, int], int]:
    """Return how many of which variant are kept for the cart in which store."""
    held = Reservation.objects.filter(cart=cart, state=Reservation.State.HELD)
    rows = held.values_list("variant_id", "store_id").annotate(Sum("quantity"))
    return {(variant, store): count for variant, store, count in rows}


def _stock_of(
    variants: Collection[int], mine: Mapping[tuple[int, int], int] | None = None
) -> Shelf:
    """Return what can be had in each open store; what is kept for oneself can."""
    mine = mine or {}
    rows = Stock.objects.filter(variant__in=variants, store__is_active=True)
    shelf: dict[int, dict[int, int]] = defaultdict(dict)
    for row in rows:
        kept = row.reserved - mine.get((row.variant_id, row.store_id), 0)
        shelf[row.variant_id][row.store_id] = max(row.quantity - kept, 0)
    return shelf


def _facts(line: CartLine, stock: Shelf) -> rules.Line:
    product = line.variant.product
    return rules.Line(
        quantity=line.quantity,
        shown_price=line.unit_price,
        price=product.price,
        available=sum(stock.get(line.variant_id, {}).values()),
        is_on_sale=product.is_active,
    )


def _siblings(lines: Iterable[CartLine]) -> Mapping[int, list[Variant]]:
    """Return the variants of each product of which some piece is to be had."""
    products = {line.variant.product_id for line in lines}
    there = Q(stock__quantity__gt=0, stock__store__is_active=True)
    rows = Variant.objects.filter(there, product__in=products).distinct()
    found: dict[int, list[Variant]] = defaultdict(list)
    for row in rows.order_by("pk"):
        found[row.product_id].append(row)
    return found


def _choices(
    cart: Cart, seen: Sequence[SeenLine], stock: Shelf
) -> tuple[PickupChoice, ...]:
    """Return where it may be fetched: the cart's own store first, then who has all."""
    own = [each for each in (cart.pickup_store, cart.store) if each]
    wanted = [each for each in seen if each.now.quantity]

    def choice(store: Store) -> PickupChoice:
        there = [
            stock.get(each.line.variant_id, {}).get(store.pk, 0) for each in wanted
        ]
        short = [
            max(each.now.quantity - count, 0)
            for each, count in zip(wanted, there, strict=True)
        ]
        return PickupChoice(store, sum(short))

    stores = [choice(each) for each in Store.objects.filter(is_active=True)]
    full = sorted((each for each in stores if each.has_all and wanted),
                  key=lambda each: each.store.code)  # fmt: skip
    first = [choice(each) for each in dict.fromkeys(own)]
    rest = [each for each in full if each.store not in own]
    return tuple([*first, *rest][:MOST_STORES])


def _found(variant: Variant, stock: Shelf, store: Store | None) -> FoundVariant:
    by_store = stock.get(variant.pk, {})
    here = by_store.get(store.pk, 0) if store else 0
    return FoundVariant(variant, here, sum(by_store.values()) - here)
