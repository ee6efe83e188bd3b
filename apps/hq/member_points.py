"""One member's points and tier at HQ: the whole ledger, and changes by hand."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from apps.core import clock
from apps.core.errors import Refused
from apps.hq.loyalty_forms import AdjustForm, SetTierForm
from apps.hq.paging import leaf
from apps.loyalty import services as loyalty
from apps.loyalty.models import PointLot, Standing
from apps.members.models import Member
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import page

LOTS = 20


@require_GET
@may("hq.members")
def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Show the ledger, the open lots and the moves on the ladder."""
    return _show(request, _member(request, pk))


@require_POST
@may("points.adjust")
def adjust(request: StaffRequest, pk: int) -> HttpResponse:
    """Give or take points by hand."""
    member, form = _member(request, pk), AdjustForm(request.POST)
    if form.is_valid() and _adjusted(request, member, form):
        return redirect("hq:member_points", pk=pk)
    return _show(request, member, adjusting=form, status=422)


@require_POST
@may("points.adjust")
def tier(request: StaffRequest, pk: int) -> HttpResponse:
    """Put the member on a tier by hand until a day."""
    member, form = _member(request, pk), SetTierForm(request.POST)
    if form.is_valid():
        try:
            loyalty.set_tier(
                member,
                form.cleaned_data["tier"],
                until=clock.end_of(form.cleaned_data["until"]),
                reason=form.cleaned_data["reason"],
                by=request.staff,
                now=clock.now(),
            )
        except Refused as refusal:
            form.add_error("until", refusal.message)
        else:
            return redirect("hq:member_points", pk=pk)
    return _show(request, member, setting=form, status=422)


def _member(request: StaffRequest, pk: int) -> Member:
    return get_object_or_404(Member.objects.visible_to(request.staff), pk=pk)


def _adjusted(request: StaffRequest, member: Member, form: AdjustForm) -> bool:
    own = form.cleaned_data
    facts: dict[str, Any] = {
        "source_type": "hand",
        "source_id": str(own["key"]),
        "reason": own["reason"],
        "by": request.staff,
        "now": clock.now(),
    }
    try:
        if own["act"] == "grant":
            loyalty.grant([member.pk], own["points"], **facts)
        else:
            loyalty.deduct(member, own["points"], **facts)
    except Refused as refusal:
        form.add_error("points", refusal.message)
        return False
    return True


def _show(
    request: StaffRequest,
    member: Member,
    *,
    adjusting: AdjustForm | None = None,
    setting: SetTierForm | None = None,
    status: int = 200,
) -> HttpResponse:
    now = clock.now()
    entries = member.point_entries.select_related("by").order_by("-pk")
    lots = PointLot.objects.filter(member=member, remaining__gt=0)
    context = {
        "nav": "members",
        "member": member,
        "balance": loyalty.balance(member, now=now),
        "rows": leaf(request, entries),
        "lots": lots.order_by("earned_at", "pk")[:LOTS],
        "now": now,
        "standing": Standing.objects.filter(member=member)
        .select_related("tier")
        .first(),
        "changes": member.tier_changes.select_related("before", "after", "by").order_by(
            "-at", "-pk"
        )[:LOTS],
        "adjusting": adjusting or AdjustForm(initial={"key": uuid4()}),
        "setting": setting or SetTierForm(),
    }
    return page(request, "hq/members/points.html", context, status=status)
