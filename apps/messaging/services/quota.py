"""What the month allows, what is gone of it, and what one more message costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from apps.channels.models import Account
from apps.core import clock
from apps.messaging.models import Delivery, QuotaMonth
from apps.messaging.services.pacing import release

State = Delivery.State


@dataclass(frozen=True)
class Price:
    """What the next message costs: nothing until `free_until`, one push after.

    `quota_left` is None where the plan has no limit, or LINE has not told it yet.
    """

    is_free: bool
    quota_left: int | None
    free_until: datetime | None


def price(account: Account, *, reply_until: datetime | None, now: datetime) -> Price:
    """Return what a message written now would cost."""
    is_free = reply_until is not None and reply_until > now
    return Price(
        is_free=is_free,
        quota_left=quota_left(account, now=now),
        free_until=reply_until if is_free else None,
    )


def quota_left(account: Account, *, now: datetime) -> int | None:
    """Return how many pushes are left: LINE's figure, less what left us since."""
    month = QuotaMonth.objects.filter(account=account, month=clock.month_of(now))
    figures = month.first()
    if figures is None or figures.allowed is None:
        return None
    pushes = Delivery.objects.filter(account=account, kind=Delivery.Kind.PUSH)
    since = pushes.filter(
        Q(state=State.ACCEPTED, settled_at__gte=figures.fetched_at)
        | Q(state__in=[State.QUEUED, State.SENDING])
    ).count()
    return max(0, figures.allowed - figures.used - since)


@transaction.atomic
def note_quota(
    account: Account, *, allowed: int | None, used: int, now: datetime
) -> int:
    """Keep LINE's figures, and queue held pushes as far as they reach.

    Returns how many go on. What LINE refuses again (a narrowcast may have reserved
    the rest) is held again.
    """
    QuotaMonth.objects.update_or_create(
        account=account,
        month=clock.month_of(now),
        defaults={"allowed": allowed, "used": used, "fetched_at": now},
    )
    left = None if allowed is None else max(0, allowed - used)
    held = Q(account=account, state=State.QUOTA_HOLD)
    return release(held, now=now, at_most=left)
