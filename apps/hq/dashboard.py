"""HQ's first page: what waits for a person, and how the brand is doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.core import clock
from apps.hq.periods import CHOICES, CUSTOM, Period, period_of
from apps.reports.reports import Dashboard, dashboard
from apps.reports.todos import Todo
from apps.staff import rules
from apps.staff.access import StaffRequest, may
from apps.staff.models import Staff
from apps.stores.models import Store
from apps.ui.htmx import page
from apps.ui.spreadsheets import csv_file

STALE = timedelta(hours=1)
# Where each to-do leads and who may go there; one without a page is only told.
PAGES = {
    "inbox": ("desk:inbox", "hq.inbox"),
    "handover": ("hq:staff", "hq.staff"),
    "deliveries": ("admin:messaging_delivery_changelist", "master_data"),
    "quota": ("admin:channels_account_changelist", "master_data"),
    "commissions": ("hq:settlements", "hq.commissions"),
    "disputes": ("hq:disputes", "hq.rule"),
    "dead_events": ("admin:gateway_inboundevent_changelist", "master_data"),
    "facts": ("admin:orders_factscheck_changelist", "master_data"),
    "dead_shop_events": ("gateway:keys", "hq.keys"),
}


@dataclass(frozen=True)
class Task:
    """A to-do with the page where it is done."""

    todo: Todo
    url: str


@dataclass(frozen=True)
class Choice:
    """A period that may be chosen."""

    kind: str
    label: str
    query: str


@dataclass(frozen=True)
class Asked:
    """What the reader wants to see: the days, and one store or all."""

    period: Period
    stores: list[Store]
    store: Store | None
    now: datetime

    @property
    def query(self) -> str:
        """Return what leads back to the same view."""
        own = {"store": str(self.store.pk)} if self.store else {}
        return urlencode(self.period.query | own)

    @property
    def choices(self) -> list[Choice]:
        """Return the periods that may be chosen, each keeping the store."""
        own = {"store": str(self.store.pk)} if self.store else {}
        days = Period(CUSTOM, self.period.start, self.period.end).query
        return [
            Choice(
                kind,
                str(label),
                urlencode((days if kind == CUSTOM else {"period": kind}) | own),
            )
            for kind, label in CHOICES
        ]

    def board(self) -> Dashboard:
        """Return the figures."""
        return dashboard(
            self.period.start,
            self.period.end,
            stores=[self.store] if self.store else None,
            now=self.now,
        )


@require_GET
@may("hq.dashboard")
def show(request: StaffRequest) -> HttpResponse:
    """Show the overview of a period."""
    asked = _asked(request)
    board = asked.board()
    context = {
        "nav": "dashboard",
        "asked": asked,
        "board": board,
        "today": clock.day_of(asked.now),
        "has_sales": any(day.total for day in board.days),
        "is_stale": bool(board.fresh_at and asked.now - board.fresh_at > STALE),
        "tasks": _tasks(board, request.staff),
    }
    return page(request, "hq/dashboard.html", context, fragment="board")


@require_GET
@may("hq.dashboard")
def export(request: StaffRequest) -> HttpResponse:
    """Hand out the table of stores as a file."""
    asked = _asked(request)
    heads = [_("門市代號"), _("門市"), _("全通路業績"), _("目標"), _("目標達成 %"),
             _("線上占比 %"), _("導購業績"), _("新綁定"),
             _("首次回覆（分）")]  # fmt: skip
    rows: list[list[Any]] = [
        [row.store.code, row.store.label, row.sales, row.target, _pct(row.achieved),
         _pct(row.online_share), row.assisted, row.new_bindings, row.reply_minutes]
        for row in asked.board().stores
    ]  # fmt: skip
    days = f"{asked.period.start:%Y%m%d}-{asked.period.end:%Y%m%d}"
    return csv_file(f"stores-{days}.csv", heads, rows)


def _asked(request: StaffRequest) -> Asked:
    now = clock.now()
    stores = list(Store.objects.filter(is_active=True))
    chosen = request.GET.get("store", "")
    store = next((each for each in stores if str(each.pk) == chosen), None)
    return Asked(period_of(request.GET, today=clock.day_of(now)), stores, store, now)


def _pct(basis_points: int | None) -> float | None:
    return None if basis_points is None else basis_points / 100


def _tasks(board: Dashboard, viewer: Staff) -> list[Task]:
    """Return the to-dos that are the viewer's to do, each with its page."""
    tasks = []
    for todo in board.todos:
        name, permission = PAGES.get(todo.code, ("", "hq.open"))
        if not rules.may(viewer.role, permission):
            continue
        tasks.append(Task(todo, reverse(name) if name else ""))
    return tasks
