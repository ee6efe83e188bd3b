"""HQ's orders of every channel, each with who earned it."""

from __future__ import annotations

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from apps.attribution.models import Basis
from apps.hq.shares import rows_of, with_credits
from apps.orders import services as orders
from apps.orders.models import Order
from apps.orders.querysets import OrderQuerySet
from apps.staff.access import StaffRequest, may
from apps.stores.models import Store
from apps.ui.htmx import page

A_PAGE = 50


class Filters(forms.Form):
    """What the list may be narrowed by."""

    q = forms.CharField(required=False, max_length=60)
    channel = forms.ChoiceField(
        choices=[("", gettext_lazy("全部通路")), *Order.Channel.choices], required=False
    )
    store = forms.ModelChoiceField(
        Store.objects.all(), required=False, empty_label=gettext_lazy("全部門市")
    )
    status = forms.ChoiceField(
        choices=[("", gettext_lazy("全部狀態")), *Order.Status.choices], required=False
    )
    hand_over = forms.ChoiceField(
        choices=[
            ("", gettext_lazy("全部取貨方式")),
            ("pickup", gettext_lazy("門市取貨")),
            ("cart", gettext_lazy("店員購物車")),
            ("counter", gettext_lazy("外部通路登錄")),
        ],
        required=False,
    )
    basis = forms.ChoiceField(
        choices=[("", gettext_lazy("全部認列方式")), *Basis.choices], required=False
    )

    def narrow(self, found: OrderQuerySet) -> OrderQuerySet:
        """Keep the orders that fit; a filter that makes no sense is left out."""
        self.is_valid()
        chosen = self.cleaned_data
        if chosen.get("channel"):
            found = found.filter(channel=chosen["channel"])
        if chosen.get("store"):
            found = found.filter(store=chosen["store"])
        if chosen.get("status"):
            found = found.filter(status=chosen["status"])
        found = _handed_over(found, chosen.get("hand_over", ""))
        if chosen.get("basis"):
            found = found.filter(
                lines__decisions__basis=chosen["basis"],
                lines__decisions__superseded_at=None,
            ).distinct()
        search = chosen.get("q", "").strip()
        if search:
            found = found.filter(Q(external_id__iexact=search) | Q(member__name=search))
        return found


def _handed_over(found: OrderQuerySet, way: str) -> OrderQuerySet:
    """Keep the orders that were fetched, came of a cart, or were written down."""
    if way == "pickup":
        return found.filter(pickup__isnull=False)
    if way == "cart":
        return found.filter(cart__filled_by__isnull=False)
    return found.filter(source=orders.ELSEWHERE) if way == "counter" else found


@require_GET
@may("hq.orders")
def index(request: StaffRequest) -> HttpResponse:
    """List orders, newest first."""
    filters = Filters(request.GET)
    found = with_credits(filters.narrow(Order.objects.all()))
    listed = Paginator(found.order_by("-placed_at", "-pk"), A_PAGE)
    rows = listed.get_page(request.GET.get("page"))
    context = {
        "nav": "orders",
        "filters": filters,
        "rows": rows,
        "orders": rows_of(rows),
    }
    return page(request, "hq/orders/index.html", context, fragment="rows")
