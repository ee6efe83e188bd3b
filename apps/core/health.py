"""Is the product alive, and is its work being done?

`/healthz` answers as long as the process does. `/readyz` asks the database and shows
the age of the oldest waiting row of each backlog; a backlog that is too old makes it
answer 503, for somebody to look at the worker.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.db.models import Max, Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from django_q.models import OrmQ

from apps.core import clock
from apps.core.models import Pulse

OldestAt = Callable[[], datetime | None]

TOO_OLD = timedelta(minutes=5)


@dataclass(frozen=True)
class Backlog:
    """Rows that wait to be worked on."""

    name: str
    oldest_at: OldestAt
    too_old: timedelta = TOO_OLD


BACKLOGS: dict[str, Backlog] = {}


def register_backlog(
    name: str, oldest_at: OldestAt, *, too_old: timedelta = TOO_OLD
) -> None:
    """Show a backlog in `/readyz`.

    `oldest_at` answers since when the oldest row waits, None where none does.
    """
    BACKLOGS[name] = Backlog(name, oldest_at, too_old)


def oldest_nudge() -> datetime | None:
    """Return since when the oldest nudge waits that no worker has taken."""
    oldest: datetime | None = OrmQ.objects.aggregate(at=Min("lock"))["at"]
    return oldest


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer: this process lives."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer with the seconds each backlog has waited, and 503 if one is too old."""
    now = clock.now()
    try:
        ages = {each.name: _age(each.oldest_at(), now) for each in BACKLOGS.values()}
        worker = _age(Pulse.objects.aggregate(at=Max("answered_at"))["at"], now)
    except DatabaseError:
        return JsonResponse({"ready": False, "database": "unreachable"}, status=503)
    late = [
        each.name
        for each in BACKLOGS.values()
        if (ages[each.name] or 0) > each.too_old.total_seconds()
    ]
    facts = {"ready": not late, "backlogs": ages, "late": late, "worker_seen": worker}
    return JsonResponse(facts, status=503 if late else 200)


def _age(at: datetime | None, now: datetime) -> float | None:
    return None if at is None else max(0.0, round((now - at).total_seconds(), 1))


for _view in (healthz, readyz):
    # `apps.staff.access.open_to_all` declares this for the doors; core lies below it.
    _view.permission = "open_to_all"  # type: ignore[attr-defined]
