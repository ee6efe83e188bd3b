"""What the night does to points: release what has waited, expire what has lived."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from apps.loyalty.models.points import PointLot
from apps.loyalty.services.ledger import Book
from apps.loyalty.services.points import settle_lot

LOTS_A_TRANSACTION = 2_000


def release_points(*, now: datetime) -> int:
    """Make available what has waited long enough; return how many lots."""
    return _settle(Q(is_released=False, available_at__lte=now), now=now)


def expire_points(*, now: datetime) -> int:
    """Let the points die whose last day is over; return how many lots."""
    return _settle(Q(expires_at__lte=now), now=now)


def _settle(due: Q, *, now: datetime) -> int:
    """Go through the lots that are due, some a transaction; a second run finds none."""
    settled = 0
    waiting = PointLot.objects.filter(due, remaining__gt=0).order_by("id")
    while portion := list(waiting.values_list("pk", "member_id")[:LOTS_A_TRANSACTION]):
        with transaction.atomic():
            book = Book({member for _pk, member in portion}, now=now)
            # Read again under the accounts' locks: somebody may have been quicker.
            rows = waiting.filter(pk__in=[pk for pk, _member in portion])
            for row in rows:
                settle_lot(book, book.know(row))
            book.close()
        settled += len(portion)
    return settled
