"""What people do with shops and with what came from them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core.errors import Refused
from apps.core.jobs import nudge
from apps.gateway.models import ShopConnection, ShopEvent

HANDLE = "apps.gateway.platforms.tasks.handle_pending"


@transaction.atomic
def connect(
    shop: ShopConnection, *, by: audit.Person | None, now: datetime
) -> ShopConnection:
    """Keep a new shop; Refused "slug" where the slug is another's."""
    shop.created_at = now
    try:
        with transaction.atomic():
            shop.save(force_insert=True)
    except IntegrityError as error:
        raise Refused("slug", _("這個代號已經有另一間網店使用")) from error
    audit.record("shop.connected", shop, by=by, now=now, slug=shop.slug)
    return shop


@transaction.atomic
def switch(
    shop: ShopConnection, *, is_active: bool, by: audit.Person | None, now: datetime
) -> None:
    """Take the shop's deliveries from now on, or refuse them."""
    row = ShopConnection.objects.select_for_update().get(pk=shop.pk)
    if row.is_active == is_active:
        return
    row.is_active = is_active
    row.save(update_fields=["is_active"])
    action = "shop.resumed" if is_active else "shop.stopped"
    audit.record(action, row, by=by, now=now)


@transaction.atomic
def requeue(
    events: Iterable[ShopEvent], *, by: audit.Person | None, now: datetime
) -> int:
    """Handle dead deliveries once more, as if they were new; return how many."""
    dead = ShopEvent.objects.filter(
        pk__in=[event.pk for event in events], state=ShopEvent.State.DEAD
    )
    keys = list(dead.select_for_update().values_list("pk", flat=True))
    ShopEvent.objects.filter(pk__in=keys).update(
        state=ShopEvent.State.NEW, attempts=0, not_before=now, done_at=None, error=""
    )
    facts: dict[int, dict[str, object]] = {key: {} for key in keys}
    audit.record_many("shop_event.requeued", ShopEvent, facts, by=by, now=now)
    nudge(HANDLE)
    return len(keys)
