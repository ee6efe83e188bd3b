"""Look for signals: one statement a kind, whatever the number of rows."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from apps.attribution.rules.facts import SELF
from apps.members.models import Binding
from apps.reports.reports.signals import statements
from apps.reports.reports.signals.shapes import Found, Kind, thresholds

STATEMENTS = {
    Kind.SELF_ORDERS: statements.SELF_ORDERS,
    Kind.VISITOR_CLICKS: statements.BY_VISITOR,
    Kind.LINK_CLICKS: statements.BY_LINK,
    Kind.REBOUND: statements.REBOUND,
    Kind.TAKEN_OVER: statements.TAKEN_OVER,
}
# What customers did themselves: HQ's own moves and hand-overs are no sign of anything.
BY_QR = [Binding.Source.LOGIN, Binding.Source.LIFF, Binding.Source.MESSAGE]


def find(*, now: datetime) -> list[Found]:
    """Return every signal of the last days, those with the most facts first."""
    found = [each for kind in STATEMENTS for each in _of(kind, now=now)]
    return sorted(found, key=lambda each: (-each.weight, each.kind, each.subject))


def find_one(kind: str, subject: int, *, now: datetime) -> Found | None:
    """Return the signal as it stands now, or nothing."""
    if kind not in STATEMENTS:
        return None
    return next((each for each in _of(kind, now=now) if each.subject == subject), None)


def _of(kind: str, *, now: datetime) -> list[Found]:
    limit = thresholds()[kind]
    with connection.cursor() as cursor:
        cursor.execute(
            STATEMENTS[Kind(kind)],
            {
                "since": now - timedelta(days=limit.days),
                "least": limit.least,
                "self": sorted(SELF),
                "by_qr": BY_QR,
            },
        )
        rows = cursor.fetchall()
    return [
        Found(kind, subject, weight, count, _read(facts))
        for subject, weight, count, facts in rows
    ]


def _read(facts: str | list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the facts with their moments read."""
    read: list[dict[str, Any]] = json.loads(facts) if isinstance(facts, str) else facts
    for fact in read:
        for name in {"at", "until"} & fact.keys():
            fact[name] = datetime.fromisoformat(fact[name])
    return read
