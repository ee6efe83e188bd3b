"""Which inbound events a question is about, and how they come in and are claimed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, models

from apps.gateway.events import Received

if TYPE_CHECKING:
    from apps.gateway.models import InboundEvent, ShopEvent

TAKE_IN = """
insert into gateway_inboundevent (
    account_id, event_id, user_id, type, occurred_at, body, state, error,
    attempts, not_before, received_at
) values {} on conflict do nothing
"""
ONE = "(%s, %s, %s, %s, %s, %s, %s, %s, 0, %s, %s)"

# Whose turn it may be: a customer's lock lets one worker at a time claim for them.
DUE_TURNS = """
with due as (
    select account_id, user_id, min(id) as first from (
        select account_id, user_id, id from gateway_inboundevent
        where state = 'new' and not_before <= %(now)s
            and (attempts > 0) = %(is_retry)s
        order by not_before, id limit %(window)s
    ) as oldest
    group by account_id, user_id order by first limit %(turns)s
)
select account_id, user_id from due
where pg_try_advisory_xact_lock(hashtextextended('turn:' || user_id, account_id))
"""

# Their events in order, unless one of them is in hand or backing off. `tried` is the
# most attempts of the event and of those before it.
CLAIM = """
update gateway_inboundevent e
set attempts = attempts + 1, not_before = %(until)s
from (
    select id, latest,
        row_number() over turn as place,
        max(attempts) over turn as tried
    from (
        select *, max(not_before) over (partition by account_id, user_id) as latest
        from gateway_inboundevent
        where state = 'new' and (account_id, user_id) in (
            select * from unnest(%(accounts)s::bigint[], %(users)s::text[]))
    ) as waiting
    window turn as (partition by account_id, user_id order by occurred_at, id)
) as mine
where e.id = mine.id and e.state = 'new' and mine.latest <= %(now)s
    and mine.place <= %(at_once)s
    and (mine.tried > 0) = %(is_retry)s
returning e.id
"""

TAKE_IN_DELIVERY = """
insert into gateway_shopevent (
    connection_id, topic, delivery_id, body, subject, state, attempts, error,
    not_before, received_at
) values (%s, %s, %s, %s, '', 'new', 0, '', %s, %s) on conflict do nothing
"""

WINDOW, TURNS, AT_ONCE = 400, 25, 10
NEVER_FINISHED = "its workers ended before it was done"


class InboundEventQuerySet(models.QuerySet["InboundEvent"]):
    """Events as they came in."""

    def take_in(
        self, account_id: int, events: Sequence[Received], *, now: datetime
    ) -> int:
        """Store what is not yet stored, in one statement; return how many were new."""
        if not events:
            return 0
        facts: list[Any] = []
        for event in events:
            state = "dead" if event.fault else "new"
            facts += (account_id, event.event_id, event.user_id, event.type,
                      event.occurred_at, event.body, state, event.fault,
                      now, now)  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(TAKE_IN.format(",".join([ONE] * len(events))), facts)
            return int(cursor.rowcount)

    def claim(
        self, *, now: datetime, lease: timedelta, is_retry: bool
    ) -> list[InboundEvent]:
        """Take events in hand, in their customers' order; inside a transaction.

        Customers of whom an event is in hand or backing off are left out. Of a
        customer up to ten fresh events come along; one that failed comes alone, and
        alone of all customers, so that an event that kills its worker takes no other
        with it.
        """
        parameters: dict[str, Any] = {
            "now": now,
            "until": now + lease,
            "window": WINDOW,
            "turns": 1 if is_retry else TURNS,
            "at_once": 1 if is_retry else AT_ONCE,
            "is_retry": is_retry,
        }
        with connection.cursor() as cursor:
            cursor.execute(DUE_TURNS, parameters)
            turns = cursor.fetchall()
            if not turns:
                return []
            parameters["accounts"] = [account for account, _user in turns]
            parameters["users"] = [user for _account, user in turns]
            cursor.execute(CLAIM, parameters)
            keys = [key for (key,) in cursor.fetchall()]
        rows = self.filter(pk__in=keys).select_related("account")
        return list(rows.order_by("account_id", "user_id", "occurred_at", "pk"))

    def bury(self, *, now: datetime, attempts: int) -> int:
        """Give up on events whose workers died with them as often as is allowed."""
        lost = self.filter(state="new", attempts__gte=attempts, not_before__lte=now)
        return lost.update(state="dead", done_at=now, error=NEVER_FINISHED)


class ShopEventQuerySet(models.QuerySet["ShopEvent"]):
    """Webhooks of shops as they came in."""

    def take_in(
        self,
        connection_id: int,
        topic: str,
        delivery_id: str,
        body: bytes,
        *,
        now: datetime,
    ) -> bool:
        """Store a delivery in one statement; return whether it was new."""
        facts = (connection_id, topic, delivery_id, body, now, now)
        with connection.cursor() as cursor:
            cursor.execute(TAKE_IN_DELIVERY, facts)
            return int(cursor.rowcount) > 0

    def claim(self, *, now: datetime, lease: timedelta, most: int) -> list[ShopEvent]:
        """Take up to `most` deliveries in hand; inside a transaction.

        One that failed before comes alone, so that it takes no other with it.
        """
        due = self.filter(state="new", not_before__lte=now)
        due = due.order_by("not_before", "pk").select_for_update(skip_locked=True)
        tried = list(due.filter(attempts__gt=0)[:1].values_list("pk", flat=True))
        keys = tried or list(due[:most].values_list("pk", flat=True))
        self.filter(pk__in=keys).update(
            attempts=models.F("attempts") + 1, not_before=now + lease
        )
        return list(
            self.filter(pk__in=keys).select_related("connection").order_by("pk")
        )

    def bury(self, *, now: datetime, attempts: int) -> int:
        """Give up on deliveries whose workers died with them too often."""
        lost = self.filter(state="new", attempts__gte=attempts, not_before__lte=now)
        return lost.update(state="dead", done_at=now, error=NEVER_FINISHED)

    def is_overtaken(self, row: ShopEvent) -> bool:
        """Tell whether a later version of what the row tells of was handled."""
        later = self.filter(
            connection=row.connection_id,
            subject=row.subject,
            state="done",
            changed_at__gt=row.changed_at,
        )
        return later.exists()
