"""HQ's credits: every order with who earned it, and one order's reasons."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from apps.attribution.models import Basis, Credit
from apps.attribution.querysets import explainable_to
from apps.attribution.reports import explain
from apps.commissions import reports as commissions
from apps.commissions.models import Correction, Dispute
from apps.core import clock
from apps.hq.periods import CHOICES, CUSTOM, period_of
from apps.hq.shares import rows_of, with_credits
from apps.orders.models import Order
from apps.orders.querysets import OrderQuerySet
from apps.staff.access import StaffRequest, may
from apps.staff.models import Staff
from apps.stores.models import Store
from apps.ui.htmx import page

A_PAGE = 50


class Filters(forms.Form):
    """What the list may be narrowed by."""

    q = forms.CharField(required=False, max_length=60)
    basis = forms.ChoiceField(
        choices=[("", gettext_lazy("全部認列方式")), *Basis.choices], required=False
    )
    person = forms.ModelChoiceField(
        Staff.objects.filter(role__in=["manager", "salesperson"]),
        required=False,
        empty_label=gettext_lazy("全部店員"),
    )
    store = forms.ModelChoiceField(
        Store.objects.all(), required=False, empty_label=gettext_lazy("全部門市")
    )
    period = forms.ChoiceField(
        choices=[("", gettext_lazy("全部期間")), *CHOICES], required=False
    )

    def narrow(self, found: OrderQuerySet) -> OrderQuerySet:
        """Keep the orders that fit; a filter that makes no sense is left out."""
        self.is_valid()
        chosen = self.cleaned_data
        credited: dict[str, Any] = {
            "decision__basis": chosen.get("basis"),
            "staff": chosen.get("person"),
            "store": chosen.get("store"),
        }
        credited = {name: value for name, value in credited.items() if value}
        if credited:
            own = Credit.objects.filter(line__order=OuterRef("pk"), superseded_at=None)
            found = found.filter(Exists(own.filter(**credited)))
        if chosen.get("period"):
            days = period_of(self.data, today=clock.today())
            found = found.filter(
                placed_at__gte=clock.start_of(days.start),
                placed_at__lt=clock.end_of(days.end),
            )
        search = chosen.get("q", "").strip()
        if search:
            found = found.filter(Q(external_id__iexact=search) | Q(member__name=search))
        return found


@require_GET
@may("hq.credits")
def index(request: StaffRequest) -> HttpResponse:
    """List orders with who earned them and by what, newest first."""
    filters = Filters(request.GET)
    found = filters.narrow(explainable_to(request.staff)).order_by("-placed_at", "-pk")
    listed = Paginator(with_credits(found), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "nav": "credits",
        "filters": filters,
        "days": period_of(request.GET, today=clock.today()),
        "today": clock.today(),
        "rows": listed,
        "orders": rows_of(listed),
        "filtered": _trail(request),
        "waiting": Dispute.objects.waiting().count(),
    }
    return page(request, "hq/credits/index.html", context, fragment="rows")


@require_GET
@may("hq.credits")
def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Show why one order was credited as it was."""
    found = explainable_to(request.staff)
    order = get_object_or_404(found.select_related("member", "store"), pk=pk)
    now = clock.now()
    newer, older = _neighbours(Filters(request.GET).narrow(found), order)
    context = {
        "nav": "credits",
        "told": explain(order, viewer=request.staff, now=now),
        "sums": commissions.arithmetic(order),
        "faults": commissions.faults_of(order),
        "corrections": Correction.objects.filter(line__order=order).select_related(
            "by", "line"
        ),
        "newer": newer,
        "older": older,
        "filtered": _trail(request),
        "in_full": "all" in request.GET,
        "disputes": commissions.told(
            commissions.waiting_first(Dispute.objects.filter(order=order)),
            viewer=request.staff,
            now=now,
        ),
    }
    return page(request, "hq/credits/show.html", context, fragment="journey")


def _neighbours(
    found: OrderQuerySet, order: Order
) -> tuple[Order | None, Order | None]:
    """Return the orders before and after in the list the reader came from."""
    at, pk = order.placed_at, order.pk
    newer = found.filter(Q(placed_at__gt=at) | Q(placed_at=at, pk__gt=pk))
    older = found.filter(Q(placed_at__lt=at) | Q(placed_at=at, pk__lt=pk))
    return (
        newer.order_by("placed_at", "pk").only("pk").first(),
        older.order_by("-placed_at", "-pk").only("pk").first(),
    )


def _trail(request: StaffRequest) -> str:
    """Return the list's filters, to be carried along."""
    kept = {
        name: value
        for name, value in request.GET.dict().items()
        if value and name not in {"page", "all"}
    }
    if kept.get("period") != CUSTOM:
        kept = {k: v for k, v in kept.items() if k not in {"since", "until"}}
    return f"?{urlencode(kept)}" if kept else ""
