"""HQ's settlements: the months of commission, one month, and a person's statement."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.commissions import reports
from apps.commissions import services as commissions
from apps.commissions.models import CommissionEntry, Settlement
from apps.core import clock
from apps.staff.access import StaffRequest, may
from apps.staff.models import Staff
from apps.ui.htmx import go, page
from apps.ui.spreadsheets import table_file

SORTS = {
    "amount": lambda line: (-line.amount, line.staff.code),
    "payout": lambda line: (-line.payout, line.staff.code),
    "name": lambda line: line.staff.code,
}


@require_GET
@may("hq.commissions")
def index(request: StaffRequest) -> HttpResponse:
    """List the months with their sums and how far each is settled."""
    months = reports.ledger_months(now=clock.now())
    context = {"nav": "settlements", "months": months}
    return page(request, "hq/settlements/index.html", context)


@require_GET
@may("hq.commissions")
def show(request: StaffRequest, month: str) -> HttpResponse:
    """Show one month with what each person gets."""
    first = month_or_404(month)
    told = reports.ledger_month(first, now=clock.now())
    if told is None:
        raise Http404
    sort = request.GET.get("sort", "amount")
    context: dict[str, Any] = {
        "nav": "settlements",
        "told": told,
        "lines": _lines(told.settlement, sort),
        "sort": sort,
        "disputes": reports.waiting_disputes(first),
        "is_preparer": bool(
            told.settlement and told.settlement.prepared_by_id == request.staff.pk
        ),
    }
    return page(request, "hq/settlements/show.html", context, fragment="lines")


@require_POST
@may("hq.commissions")
def prepare(request: StaffRequest, month: str) -> HttpResponse:
    """Work the month out."""
    return _done(request, month, commissions.prepare_settlement)


@require_POST
@may("hq.commissions")
def approve(request: StaffRequest, month: str) -> HttpResponse:
    """Approve the month and close it."""
    return _done(request, month, commissions.approve_settlement)


@require_POST
@may("hq.commissions")
def paid(request: StaffRequest, month: str) -> HttpResponse:
    """Note that the payout was made."""
    return _done(request, month, commissions.mark_settlement_paid)


@require_GET
@may("hq.commissions")
def export(request: StaffRequest, month: str) -> HttpResponse:
    """Hand out the payout of an approved month as a file."""
    approved = Settlement.objects.exclude(state=Settlement.State.DRAFT)
    settlement = get_object_or_404(approved, month=month_or_404(month))
    heads, rows = reports.payout_rows(settlement)
    return table_file(f"payout-{month}", heads, rows, kind="csv")


@require_GET
@may("hq.commissions")
def export_xlsx(request: StaffRequest, month: str) -> HttpResponse:
    """Hand out the payout of an approved month as a workbook."""
    heads, rows = reports.payout_rows(_approved(month))
    return table_file(f"payout-{month}", heads, rows, kind="xlsx")


@require_GET
@may("hq.commissions")
def transfer(request: StaffRequest, month: str) -> HttpResponse:
    """Hand out the list for the bank: code, name and amount."""
    heads, rows = reports.transfer_rows(_approved(month))
    return table_file(f"transfer-{month}", heads, rows, kind="csv")


@require_GET
@may("hq.commissions")
def statement(request: StaffRequest, month: str, pk: int) -> HttpResponse:
    """Show every entry of a person's month."""
    told = reports.statement_of(_person(pk), month_or_404(month), now=clock.now())
    context = {"nav": "settlements", "told": told}
    return page(request, "hq/settlements/statement.html", context)


@require_GET
@may("hq.commissions")
def statement_csv(request: StaffRequest, month: str, pk: int) -> HttpResponse:
    """Hand a person's statement out as a file."""
    return _statement_file(month, pk, kind="csv")


@require_GET
@may("hq.commissions")
def statement_xlsx(request: StaffRequest, month: str, pk: int) -> HttpResponse:
    """Hand a person's statement out as a workbook."""
    return _statement_file(month, pk, kind="xlsx")


def month_or_404(text: str) -> date:
    """Read a month such as 2026-10."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as wrong:
        raise Http404(_("沒有這個月份")) from wrong


def _approved(month: str) -> Settlement:
    approved = Settlement.objects.exclude(state=Settlement.State.DRAFT)
    return get_object_or_404(approved, month=month_or_404(month))


def _statement_file(month: str, pk: int, *, kind: str) -> HttpResponse:
    person = _person(pk)
    told = reports.statement_of(person, month_or_404(month), now=clock.now())
    heads, rows = reports.statement_rows(told)
    return table_file(f"statement-{month}-{person.code}", heads, rows, kind=kind)


def _person(pk: int) -> Staff:
    people = Staff.objects.filter(
        pk__in=CommissionEntry.objects.filter(staff=pk).values("staff")
    )
    return get_object_or_404(people)


def _lines(settlement: Settlement | None, sort: str) -> list[Any]:
    if settlement is None:
        return []
    lines = settlement.lines.select_related("staff")
    return sorted(lines, key=SORTS.get(sort, SORTS["amount"]))


def _done(
    request: StaffRequest, month: str, verb: Callable[..., Settlement]
) -> HttpResponse:
    """Do it and show the month."""
    verb(month_or_404(month), by=request.staff, now=clock.now())
    return go(request, reverse("hq:settlement", args=[month]))
