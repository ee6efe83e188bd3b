"""What a member did in the shop lately: looked at, searched for, put into the cart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.attribution.models import CartEvent, PageView, ShopSearch
from apps.attribution.rules.browsing import STATE, cart_after
from apps.catalog.models import Product, Variant
from apps.members.models import Member

MOST_VIEWS, MOST_SEARCHES, MOST_LINES = 8, 6, 12
READ_BACK = 50  # searches, and cart events: a state among them says what was before


@dataclass(frozen=True)
class LookedAt:
    """A page; of a product's the product is told."""

    product: Product | None
    path: str
    at: datetime

    @property
    def label(self) -> str:
        """Return what to call the page."""
        return self.product.label if self.product else self.path


@dataclass(frozen=True)
class Searched:
    """Words that were searched for, and when last."""

    term: str
    at: datetime


@dataclass(frozen=True)
class InCart:
    """So many of a variant; one that nobody knows has its SKU for a name."""

    sku: str
    quantity: int
    variant: Variant | None

    @property
    def label(self) -> str:
        """Return what to call it."""
        return self.variant.product.label if self.variant else self.sku

    @property
    def details(self) -> str:
        """Return its colour and size."""
        if self.variant is None:
            return ""
        return " ".join(filter(None, (self.variant.color, self.variant.size)))


@dataclass(frozen=True)
class Browsing:
    """The latest of each, the newest first; `cart_at` is when the cart changed."""

    views: list[LookedAt]
    searches: list[Searched]
    cart: list[InCart]
    cart_at: datetime | None

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is known."""
        return not (self.views or self.searches or self.cart)


def browsing_of(member: Member) -> Browsing:
    """Return what the member did in the shop lately, in at most four queries."""
    views = PageView.objects.filter(member=member).select_related("product")
    searches = ShopSearch.objects.filter(member=member).order_by("-at", "-pk")
    latest: dict[str, datetime] = {}
    for term, at in searches.values_list("term", "at")[:READ_BACK]:
        latest.setdefault(term, at)
    cart, cart_at = _cart(member)
    return Browsing(
        views=[
            LookedAt(view.product, view.path, view.at)
            for view in views.order_by("-at", "-pk")[:MOST_VIEWS]
        ],
        searches=[Searched(*each) for each in latest.items()][:MOST_SEARCHES],
        cart=cart,
        cart_at=cart_at,
    )


def _cart(member: Member) -> tuple[list[InCart], datetime | None]:
    found = CartEvent.objects.filter(member=member).order_by("-at", "-pk")
    events = list(found[:READ_BACK])
    if not events:
        return [], None
    # What came before the latest state is told by it.
    states = [place for place, row in enumerate(events) if row.kind == STATE]
    told = events[: states[0] + 1] if states else events
    pieces = cart_after((row.kind, row.pieces) for row in reversed(told))
    variants = Variant.objects.filter(sku__in=pieces).select_related("product")
    by_sku = {variant.sku: variant for variant in variants} if pieces else {}
    lines = [InCart(sku, count, by_sku.get(sku)) for sku, count in pieces.items()]
    return lines[:MOST_LINES], events[0].at
