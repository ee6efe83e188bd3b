"""Tell a customer that the goods lie ready at the store, and that their time runs out.

Each is said once each time the goods become ready: its number is made of the pickup and
of the day until which it is kept.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.conversations.models import Message
from apps.conversations.services import binding, threads
from apps.members import services as members
from apps.orders.models import Pickup

NOTICES = uuid.UUID("9f0f1c58-6a70-4a52-9c37-0b2d5d5f7c21")
READY, REMINDER = "pickup_ready", "pickup_reminder"
TOLD_BEFORE = timedelta(hours=24)

# What customers read; HQ sees these on its page of pickups.
TEXTS: Mapping[str, Promise] = {
    READY: _("您的訂單已在%(store)s備好，請在 %(until)s 前取貨。取貨 QR：%(url)s"),
    REMINDER: _(
        "提醒您，放在%(store)s的訂單只保留到 %(until)s，逾時會放回架上。"
        "取貨 QR：%(url)s"
    ),
}


@transaction.atomic
def tell_pickup_ready(pickup: Pickup, *, now: datetime) -> Message | None:
    """Write to the customer where and until when, once each time it becomes ready.

    The link leads to the QR. None where the customer cannot be written to.
    """
    return _say(pickup, READY, now=now)


@transaction.atomic
def remind_pickups(*, now: datetime, limit: int = 200) -> int:
    """Remind of what is kept for less than a day; return how many were written to."""
    due = Pickup.objects.to_remind(now, now + TOLD_BEFORE).order_by("hold_until")
    found = list(
        due.select_for_update(skip_locked=True, of=("self",)).select_related(
            "order__member", "store", "received_by"
        )[:limit]
    )
    for pickup in found:
        pickup.reminded_at = now
    Pickup.objects.bulk_update(found, ["reminded_at"])
    return sum(_say(each, REMINDER, now=now) is not None for each in found)


def pickup_notices(pickup: Pickup) -> list[Message]:
    """Return what the customer was told of the goods that lie ready now."""
    ids = [_number(pickup, kind) for kind in TEXTS]
    found = Message.objects.filter(client_id__in=ids).select_related("delivery")
    return list(found.order_by("at"))


def _say(pickup: Pickup, kind: str, *, now: datetime) -> Message | None:
    member = pickup.order.member
    identity = members.line_identity(member) if member else None
    if identity is None or pickup.hold_until is None:
        return None
    conversation = threads.hold(identity, now=now)
    client_id = _number(pickup, kind)
    if Message.objects.filter(client_id=client_id).exists():
        return None
    if not binding.is_reachable(conversation, identity, now=now):
        return None
    words = str(TEXTS[kind]) % {
        "store": pickup.store.label,
        "until": f"{timezone.localtime(pickup.hold_until):%m/%d %H:%M}",
        "url": f"{settings.PUBLIC_URL}/m/pickups/{pickup.code}/",
    }
    return binding.say(
        conversation, words, staff=pickup.received_by, reason=kind, now=now,
        client_id=client_id,
    )  # fmt: skip


def _number(pickup: Pickup, kind: str) -> uuid.UUID:
    until = pickup.hold_until.isoformat() if pickup.hold_until else ""
    first = kind == READY
    return uuid.uuid5(NOTICES, f"{pickup.pk}:{until}{'' if first else f':{kind}'}")
