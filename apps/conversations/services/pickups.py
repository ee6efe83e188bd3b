"""Tell a customer that the goods lie ready at the store."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.conversations.models import Conversation, Message
from apps.conversations.services import binding, threads
from apps.orders.models import Pickup

READY = uuid.UUID("9f0f1c58-6a70-4a52-9c37-0b2d5d5f7c21")


@transaction.atomic
def tell_pickup_ready(pickup: Pickup, *, now: datetime) -> Message | None:
    """Write to the customer where and until when, once each time it becomes ready.

    The link leads to the QR. None where the customer cannot be written to.
    """
    found = Conversation.objects.filter(
        member=pickup.order.member_id, is_blocked=False
    ).order_by("-last_message_at")
    conversation = found.first() if pickup.order.member_id else None
    if conversation is None or pickup.hold_until is None:
        return None
    client_id = uuid.uuid5(READY, f"{pickup.pk}:{pickup.hold_until.isoformat()}")
    if Message.objects.filter(client_id=client_id).exists():
        return None
    until = timezone.localtime(pickup.hold_until)
    words = _("您的訂單已在%(store)s備好，請在 %(until)s 前取貨。取貨 QR：%(url)s") % {
        "store": pickup.store.label,
        "until": f"{until:%m/%d %H:%M}",
        "url": f"{settings.PUBLIC_URL}/m/orders/{pickup.order_id}/",
    }
    return binding.say(
        threads.lock(conversation), words, staff=pickup.received_by,
        reason="pickup_ready", now=now, client_id=client_id,
    )  # fmt: skip
