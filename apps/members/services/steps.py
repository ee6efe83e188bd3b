"""Note who took a step that may be rewarded, for the room that rewards it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import connection

from apps.core.jobs import nudge

# An upsert that waits for whoever is taking the row away, and then writes it anew: the
# one who took it may not have seen this step.
NOTE = """
    insert into members_firststep as step (member_id, at)
    select member_id, %s from unnest(%s::bigint[]) as member_id
    on conflict (member_id) do update set at = excluded.at
"""


def note(member_ids: Collection[int], *, now: datetime) -> None:
    """Let the gifts of these members' first steps be looked at soon.

    Call it last in the transaction of the step.
    """
    if not member_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(NOTE, [now, sorted(member_ids)])
    nudge("apps.loyalty.tasks.give_first_steps")
