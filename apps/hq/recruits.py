"""HQ's report of recruits: new members, friends, app users and bonds, by person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.core import clock
from apps.hq import periods
from apps.hq.periods import Period
from apps.members.reports.recruits import RecruitCount, recruit_counts
from apps.staff.access import StaffRequest, may
from apps.staff.models import Staff
from apps.stores.models import Store
from apps.ui.htmx import page
from apps.ui.spreadsheets import csv_file

DAY = timedelta(days=1)
FIGURES = ("members", "friends", "apps", "bindings", "rebinds")


@dataclass
class Line:
    """What a person won at a store in the period."""

    store: Store | None
    staff: Staff | None
    members: int = 0
    friends: int = 0
    apps: int = 0
    bindings: int = 0
    rebinds: int = 0

    def add(self, count: RecruitCount) -> None:
        """Add a day."""
        for name in FIGURES:
            setattr(self, name, getattr(self, name) + getattr(count, name))


@require_GET
@may("hq.reports")
def show(request: StaffRequest) -> HttpResponse:
    """Show what each person won in the period, the most bonds first."""
    period, store, counts = _asked(request)
    stores, people = Store.objects.in_bulk(), Staff.objects.in_bulk()
    lines: dict[tuple[int | None, int | None], Line] = {}
    total = Line(None, None)
    for count in counts:
        place, person = count.store_id, count.staff_id
        line = lines.setdefault(
            (place, person), Line(stores.get(place or 0), people.get(person or 0))
        )
        line.add(count)
        total.add(count)
    context = {
        "nav": "recruits",
        "period": period,
        "store": store,
        "stores": sorted(stores.values(), key=lambda each: each.code),
        "choices": _choices(store),
        "lines": sorted(lines.values(), key=_rank, reverse=True),
        "total": total,
        "today": clock.today(),
        "query": urlencode({**period.query, "store": store or ""}),
    }
    return page(request, "hq/reports/recruits.html", context, fragment="board")


@require_GET
@may("hq.reports")
def export(request: StaffRequest) -> HttpResponse:
    """Hand the days out as a file: a line for each day, store and person."""
    period, _store, counts = _asked(request)
    stores, people = Store.objects.in_bulk(), Staff.objects.in_bulk()
    heads = [
        _("日期"), _("門市"), _("店員"), _("新會員"), _("LINE 好友"), _("App"),
        _("新綁定"), _("換綁"),
    ]  # fmt: skip
    rows = (
        [
            count.day.isoformat(),
            str(stores.get(count.store_id or 0, "")),
            str(people.get(count.staff_id or 0, "")),
            *(getattr(count, name) for name in FIGURES),
        ]
        for count in counts
    )
    name = f"recruits-{period.start:%Y%m%d}-{period.end:%Y%m%d}.csv"
    return csv_file(name, heads, rows)


def _asked(
    request: StaffRequest,
) -> tuple[Period, int | None, Iterable[RecruitCount]]:
    period = periods.period_of(request.GET, today=clock.today())
    raw = request.GET.get("store", "")
    store = int(raw) if raw.isdecimal() and len(raw) < 18 else None
    counts = recruit_counts(since=period.start, until=period.end + DAY, store_id=store)
    return period, store, counts


def _choices(store: int | None) -> list[tuple[str, str, str]]:
    """Return the kinds of period with their words and addresses."""
    return [
        (kind, str(label), urlencode({"period": kind, "store": store or ""}))
        for kind, label in periods.CHOICES
    ]


def _rank(line: Line) -> tuple[bool, int, int, int]:
    return line.staff is not None, line.bindings, line.members, line.friends
