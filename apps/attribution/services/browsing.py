"""What the shop's snippet saw: product pages that were looked at, and by whom."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from apps.attribution.models import PageView, PromoLink
from apps.catalog.models import Product
from apps.core.text import clean

SHOWN = 300


def note_view(
    event_id: UUID,
    visitor: str,
    path: str,
    product_code: str,
    reference: str,
    *,
    now: datetime,
) -> None:
    """Record a page that was looked at; the same event a second time adds nothing.

    The visitor is the member whose link (`reference`) they came by, else whoever the
    same visitor was before.
    """
    PageView.objects.bulk_create(
        [
            PageView(
                event_id=event_id,
                visitor=clean(visitor, 40),
                member_id=_member_of(clean(visitor, 40), clean(reference)),
                product_id=_product_of(clean(product_code), clean(path)),
                path=clean(path, SHOWN),
                at=now,
            )
        ],
        ignore_conflicts=True,
    )


def _member_of(visitor: str, reference: str) -> int | None:
    links = PromoLink.objects.filter(code=reference, member__isnull=False)
    member = links.values_list("member_id", flat=True).first() if reference else None
    if member is None and visitor:
        seen = PageView.objects.filter(visitor=visitor, member__isnull=False)
        member = seen.order_by("-at").values_list("member_id", flat=True).first()
    return member


def _product_of(code: str, path: str) -> int | None:
    products = Product.objects.values_list("pk", flat=True)
    if code and (found := products.filter(code=code).first()):
        return found
    page = path.split("?", 1)[0].rstrip("/")
    return products.filter(path__in=[page, f"{page}/"]).first() if page else None
