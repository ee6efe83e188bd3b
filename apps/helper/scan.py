"""One page to scan at the counter: pickups, coupons, payments, cards; also offline."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from apps.core import clock
from apps.core.errors import Refused
from apps.helper.coupons import credit_giver
from apps.loyalty import services as loyalty
from apps.members.models import Member
from apps.orders import services as orders
from apps.orders.models import Pickup, StorePayment, WriteOff
from apps.orders.rules import codes
from apps.staff import services as staff_services
from apps.staff.access import StaffRequest, may, open_to_all
from apps.ui.htmx import go, page

A_PAGE = 20
MOST_SCANS = 200
CAMERA = "camera=(self)"


class ScanForm(forms.Form):
    """A scan as the tablet kept it: nothing in it says anything of a customer."""

    id = forms.UUIDField()
    device = forms.UUIDField()
    code = forms.CharField(min_length=4, max_length=60)
    at = forms.DateTimeField()
    amount = forms.IntegerField(min_value=0, max_value=10_000_000, required=False)


@never_cache
@require_GET
@may("helper.scan")
def index(request: StaffRequest) -> HttpResponse:
    """Ask for a code, and lead to what it is of; list what was scanned of late."""
    asked = request.GET.get("code", "").strip()[:120]
    found = _address(request, asked) if asked else ""
    if found:
        return HttpResponseRedirect(found)
    rows = _rows(request).order_by("-received_at", "-pk")
    context = {
        "nav": "today",
        "asked": asked,
        "rows": Paginator(rows, A_PAGE).get_page(request.GET.get("page")),
        "owner": str(request.staff.pk),
    }
    response = page(request, "helper/scan/index.html", context, fragment="rows")
    response["Permissions-Policy"] = CAMERA
    return response


@require_POST
@may("helper.scan")
def sync(request: StaffRequest) -> HttpResponse:
    """Take the scans that a tablet kept; say of each what became of it.

    They must be the signed-in person's own: the tablet keeps a list for each.
    """
    now = clock.now()
    store = staff_services.main_store(request.staff, clock.day_of(now))
    if store is None:
        raise Refused("no_posting", _("你目前沒有派駐門市"))
    told = _forms(request)
    scans = [_scan(form.cleaned_data) for form in told if form.is_valid()]
    rows = orders.write_off(scans, by=request.staff, store=store, now=now)
    for row in rows:
        _credit(row, now=now)
    unsound = [_unsound(form) for form in told if not form.is_valid()]
    return JsonResponse({"answers": [*map(_told, rows), *unsound]})


@require_POST
@may("helper.scan")
def settle(request: StaffRequest, pk: int) -> HttpResponse:
    """Write down what came of a scan that was refused."""
    row = get_object_or_404(_rows(request), pk=pk)
    outcome = request.POST.get("outcome", "")
    orders.settle(row, outcome=outcome, by=request.staff, now=clock.now())
    return go(request, reverse("helper:scan"))


@open_to_all
@require_GET
def shell(request: HttpRequest) -> HttpResponse:
    """Show the page a tablet keeps for when it has no net; it knows nobody."""
    response = render(request, "helper/scan/shell.html")
    response["Permissions-Policy"] = CAMERA
    return response


@open_to_all
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """Hand out the script that keeps that page, and nothing else."""
    return render(
        request, "helper/scan/worker.js", content_type="text/javascript; charset=utf-8"
    )


def _rows(request: StaffRequest) -> Any:
    return WriteOff.objects.visible_to(request.staff).select_related(
        "staff", "store", "use__issue__coupon", "pickup__order", "settled_by"
    )


def _address(request: StaffRequest, asked: str) -> str:
    """Return the page of what the code is of, "" where nobody knows it."""
    code = codes.read(asked)
    staff = request.staff
    if pickup := Pickup.objects.visible_to(staff).filter(code=code).first():
        return reverse("helper:pickup", args=[pickup.pk])
    if payment := StorePayment.objects.visible_to(staff).filter(code=code).first():
        return reverse("helper:payment", args=[payment.pk])
    if loyalty.find_coupon(asked) is not None:
        return f"{reverse('helper:coupon_redeem')}?{urlencode({'code': asked})}"
    mine = Member.objects.visible_to(staff).filter(number=asked.replace(" ", ""))
    if member := mine.first():
        return reverse("helper:customer", args=[member.pk])
    return ""


def _forms(request: StaffRequest) -> Sequence[ScanForm]:
    """Read what the tablet sent. Raises Refused: "unreadable", "not_your_scan"."""
    try:
        told = json.loads(request.body)
        owner, rows = str(told["owner"]), list(told["scans"])[:MOST_SCANS]
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("unreadable", _("平板送來的資料讀不出來，請重新整理")) from error
    if owner != str(request.staff.pk):
        raise Refused("not_your_scan", _("這筆是別人掃的，請他登入後送出"))
    return [ScanForm(row) for row in rows if isinstance(row, dict)]


def _scan(facts: dict[str, Any]) -> orders.Scan:
    ids: tuple[UUID, UUID] = (facts["id"], facts["device"])
    return orders.Scan(*ids, facts["code"], facts["at"], facts["amount"] or 0)


@transaction.atomic
def _credit(row: WriteOff, *, now: datetime) -> None:
    if row.use is not None:
        credit_giver(row.use, now=now)


def _unsound(form: ScanForm) -> dict[str, str]:
    """Answer for what no tablet of ours sends, so that it does not wait for ever."""
    why = _("平板送來的資料讀不出來，請重新整理")
    return {"id": str(form.data.get("id", "")), "state": "refused", "why": why}


def _told(row: WriteOff) -> dict[str, str]:
    return {"id": str(row.client_id), "state": row.state, "why": row.why}
