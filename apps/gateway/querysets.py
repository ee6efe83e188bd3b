"""Which inbound events a question is about, and how they come in and are claimed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection, models

from apps.gateway.events import Received

if TYPE_CHECKING:
    pass

TAKE_IN = """
insert into gateway_inboundevent (
    account_id, event_id, user_id, type, occurred_at, body, error,
    state, attempts, not_before, received_at
)
select %s, event_id, user_id, type, occurred_at, body, error,
    case error when '' then 'new' else 'dead' end, 0, %s, %s
from unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::bytea[],
    %s::text[]) as e(event_id, user_id, type, occurred_at, body, error)
on conflict do nothing
"""


class InboundEventQuerySet(models.QuerySet["InboundEvent"]):
    """Events as they came in."""

    def take_in(
        self, account_id: int, events: Sequence[Received], *, now: datetime
    ) -> int:
        """Store what is not yet stored, in one statement; return how many were new."""
        with connection.cursor() as cursor:
            cursor.execute(
                TAKE_IN,
                [
                    account_id,
                    now,
                    now,
                    [event.event_id for event in events],
                    [event.user_id for event in events],
                    [event.type for event in events],
                    [event.occurred_at for event in events],
                    [event.body for event in events],
                    [event.fault for event in events],
                ],
            )
            return cursor.rowcount
