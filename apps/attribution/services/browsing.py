"""What the shop saw a visitor do: views, searches, carts, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import transaction

from apps.attribution.models import (
    CartEvent,
    PageView,
    PromoLink,
    ShopSearch,
    Visitor,
)
from apps.attribution.rules.browsing import without_names
from apps.catalog.models import Product
from apps.core.text import clean

LONGEST_PATH, LONGEST_TERM = 300, 80
VIEW, SEARCH = "view", "search"
Noted = Literal["new", "unchanged", "empty"]
Event = PageView | ShopSearch | CartEvent
AT_ONCE = 1_000  # rows a statement


@dataclass(frozen=True)
class Browsed:
    """An act of a visitor: "view", "search", or a kind of `CartEvent`.

    `reference` is the tracked link they came by; `pieces` says how many by SKU.
    """

    event_id: UUID
    kind: str
    visitor: str
    at: datetime
    member_id: int | None = None
    path: str = ""
    product_code: str = ""
    reference: str = ""
    term: str = ""
    pieces: Mapping[str, int] = field(default_factory=dict)


@transaction.atomic
def note_events(batch: Sequence[Browsed]) -> list[Noted]:
    """Record what visitors did; say of each, in order, whether it was new.

    The same event a second time is "unchanged"; a search of which nothing may be kept
    (`without_names`) is "empty". Whose it is: the member that the row names, else who
    the visitor is known to be, else the member to whom the link was sent, else whoever
    the visitor was before.
    """
    known = _known(batch)
    rows: list[Event] = []
    answers: list[Noted] = []
    for each, member, product in zip(
        batch, _members(batch), _products(batch), strict=True
    ):
        row = _row(each, member, product)
        if row is None:
            answers.append("empty")
        elif each.event_id in known:
            answers.append("unchanged")
        else:
            known.add(each.event_id)
            rows.append(row)
            answers.append("new")
    _write(rows)
    return answers


def _write(rows: Iterable[Event]) -> None:
    views, searches, carts = [], [], []
    for row in rows:
        match row:
            case PageView():
                views.append(row)
            case ShopSearch():
                searches.append(row)
            case CartEvent():
                carts.append(row)
    if views:
        PageView.objects.bulk_create(views, AT_ONCE, ignore_conflicts=True)
    if searches:
        ShopSearch.objects.bulk_create(searches, AT_ONCE, ignore_conflicts=True)
    if carts:
        CartEvent.objects.bulk_create(carts, AT_ONCE, ignore_conflicts=True)


def _row(each: Browsed, member: int | None, product: int | None) -> Event | None:
    """Return the row to write, None where nothing of it may be kept."""
    visitor = clean(each.visitor, 40)
    if each.kind == VIEW:
        path = without_names(_page(each.path), LONGEST_PATH)
        return PageView(
            event_id=each.event_id,
            visitor=visitor,
            member_id=member,
            product_id=product,
            path=path,
            at=each.at,
        )
    if each.kind == SEARCH:
        term = without_names(clean(each.term), LONGEST_TERM)
        return ShopSearch(
            event_id=each.event_id,
            visitor=visitor,
            member_id=member,
            term=term,
            at=each.at,
        ) if term else None  # fmt: skip
    return CartEvent(
        event_id=each.event_id,
        visitor=visitor,
        member_id=member,
        kind=CartEvent.Kind(each.kind),
        pieces={clean(sku, 40): count for sku, count in each.pieces.items()},
        at=each.at,
    )


def _page(path: str) -> str:
    """Return the path without what stands behind it: that may hold anything."""
    return clean(path).partition("?")[0].partition("#")[0]


def _known(batch: Sequence[Browsed]) -> set[UUID]:
    """Return which of the events were noted before."""
    known: set[UUID] = set()
    for model, kinds in (
        (PageView, {VIEW}),
        (ShopSearch, {SEARCH}),
        (CartEvent, set(CartEvent.Kind.values)),
    ):
        ids = [each.event_id for each in batch if each.kind in kinds]
        if ids:
            found = model.objects.filter(event_id__in=ids)
            known.update(found.values_list("event_id", flat=True))
    return known


def _members(batch: Sequence[Browsed]) -> list[int | None]:
    """Return whose each act is, as far as anybody knows."""
    asked = [each for each in batch if each.member_id is None]
    visitors = {clean(each.visitor, 40) for each in asked} - {""}
    known = dict(
        Visitor.objects.filter(key__in=visitors).values_list("key", "member_id")
    )
    codes = {clean(each.reference) for each in asked} - {""}
    sent = PromoLink.objects.filter(code__in=codes, member__isnull=False)
    links = dict(sent.values_list("code", "member_id")) if codes else {}
    before = _before(visitors - known.keys())

    def owner(each: Browsed) -> int | None:
        visitor = clean(each.visitor, 40)
        return (
            each.member_id
            or known.get(visitor)
            or links.get(clean(each.reference))
            or before.get(visitor)
        )

    return [owner(each) for each in batch]


def _before(visitors: set[str]) -> dict[str, int | None]:
    """Return who the visitors were when they last looked at a page."""
    if not visitors:
        return {}
    seen = PageView.objects.filter(visitor__in=visitors, member__isnull=False)
    latest = seen.order_by("visitor", "-at").distinct("visitor")
    return dict(latest.values_list("visitor", "member_id"))


def _products(batch: Sequence[Browsed]) -> list[int | None]:
    """Return the products whose pages were looked at, by code, else by address."""
    told = [
        (clean(each.product_code), _page(each.path).rstrip("/"))
        if each.kind == VIEW
        else ("", "")
        for each in batch
    ]
    codes = {code for code, _path in told} - {""}
    pages = {page for _code, page in told} - {""}
    paths = pages | {f"{page}/" for page in pages}
    by_code = dict(Product.objects.filter(code__in=codes).values_list("code", "pk"))
    at = Product.objects.filter(path__in=paths).values_list("path", "pk")
    by_path = {path.rstrip("/"): pk for path, pk in at}
    return [by_code.get(code) or by_path.get(page) for code, page in told]
