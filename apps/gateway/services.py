"""What people do with what came in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from apps.audit import services as audit
from apps.core.jobs import nudge
from apps.gateway.models import InboundEvent


@transaction.atomic
def requeue(
    events: Iterable[InboundEvent], *, by: audit.Person | None, now: datetime
) -> int:
    """Route dead events once more, as if they were new; return how many.

    One whose body cannot be read stays dead: it has no type.
    """
    dead = InboundEvent.objects.filter(
        pk__in=[event.pk for event in events], state=InboundEvent.State.DEAD
    ).exclude(type="")
    keys = list(dead.select_for_update().values_list("pk", flat=True))
    InboundEvent.objects.filter(pk__in=keys).update(
        state=InboundEvent.State.NEW, attempts=0, not_before=now, done_at=None, error=""
    )
    facts: dict[int, dict[str, object]] = {key: {} for key in keys}
    audit.record_many("event.requeued", InboundEvent, facts, by=by, now=now)
    nudge("apps.gateway.tasks.route_pending")
    return len(keys)
