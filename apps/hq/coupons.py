"""HQ's coupons: the list with its figures, the design, handing out, and every use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from apps.core import clock
from apps.hq.coupon_forms import AudienceForm, CodesForm, CouponForm, ReasonForm
from apps.loyalty import services as loyalty
from apps.loyalty.models import Coupon, CouponIssue, CouponUse
from apps.loyalty.reports import coupons as reports
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import go, page
from apps.ui.spreadsheets import csv_file

A_PAGE = 30
BAD_LINES_SHOWN = 50
MOVES: dict[str, Callable[..., Coupon]] = {
    "publish": loyalty.publish_coupon,
    "pause": loyalty.pause_coupon,
    "resume": loyalty.resume_coupon,
    "end": loyalty.end_coupon,
}


@require_GET
@may("hq.coupons")
def index(request: StaffRequest) -> HttpResponse:
    """List the coupons with what became of them, newest first."""
    found = Coupon.objects.visible_to(request.staff)
    state, search = request.GET.get("state", ""), request.GET.get("q", "").strip()
    if state in Coupon.State.values:
        found = found.filter(state=state)
    if search:
        found = found.filter(Q(name__icontains=search) | Q(name_en__icontains=search))
    rows = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "nav": "coupons",
        "rows": rows,
        "told": reports.figures_of(list(rows.object_list)),
        "states": Coupon.State.choices,
        "state": state,
        "search": search,
    }
    return page(request, "hq/coupons/index.html", context, fragment="rows")


@require_http_methods(["GET", "POST"])
@may("coupons.design")
def new(request: StaffRequest) -> HttpResponse:
    """Begin a draft."""
    form = CouponForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        coupon = loyalty.draft_coupon(
            relations=form.relations(), by=request.staff, now=clock.now(),
            **form.changes(),
        )  # fmt: skip
        return go(request, reverse("hq:coupon", args=[coupon.pk]))
    return _editor(request, form, None)


@require_http_methods(["GET", "POST"])
@may("coupons.design")
def edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Change a coupon that has not ended."""
    coupon = _coupon(request, pk)
    form = CouponForm(request.POST or None, instance=coupon)
    if request.method == "POST" and form.is_valid():
        loyalty.revise_coupon(
            coupon, relations=form.relations(), by=request.staff, now=clock.now(),
            **form.changes(),
        )  # fmt: skip
        return go(request, reverse("hq:coupon", args=[pk]))
    return _editor(request, form, coupon)


@require_POST
@may("coupons.design")
def preview(request: StaffRequest) -> HttpResponse:
    """Show how a customer would see what is typed so far."""
    context = {"coupon": CouponForm(request.POST).drawn()}
    return page(request, "hq/coupons/_preview.html", context)


@require_GET
@may("hq.coupons")
def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one coupon: what it gives, what became of it, every use."""
    return _show(request, _coupon(request, pk))


@require_POST
@may("coupons.design")
def move(request: StaffRequest, pk: int, kind: str) -> HttpResponse:
    """Publish, pause, resume or end it."""
    verb = MOVES.get(kind)
    if verb is None:
        raise Http404
    verb(_coupon(request, pk), by=request.staff, now=clock.now())
    return go(request, reverse("hq:coupon", args=[pk]))


@require_POST
@may("coupons.design")
def issue(request: StaffRequest, pk: int) -> HttpResponse:
    """Hand it to whom the conditions name; of a draft, as a trial."""
    coupon = _coupon(request, pk)
    form = AudienceForm(request.POST)
    if not form.is_valid():
        return _show(request, coupon, audience=form, status=422)
    source = CouponIssue.Source
    members = list(form.members().values_list("pk", flat=True))
    outcomes = loyalty.issue(
        coupon,
        members,
        source=source.TEST if coupon.is_draft else source.HQ,
        by=request.staff,
        now=clock.now(),
    )
    return _show(request, _coupon(request, pk), given=_counted(outcomes))


@require_POST
@may("coupons.design")
def count(request: StaffRequest, pk: int) -> HttpResponse:
    """Say to how many members it would be handed."""
    form = AudienceForm(request.POST)
    _coupon(request, pk)
    context = {"count": form.members().count() if form.is_valid() else None}
    return page(request, "hq/coupons/_count.html", context)


@require_POST
@may("coupons.design")
def codes(request: StaffRequest, pk: int) -> HttpResponse:
    """Add a file of codes to its pack; say which lines were no good."""
    coupon = _coupon(request, pk)
    form = CodesForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, coupon, codes_form=form, status=422)
    uploaded = loyalty.upload_codes(
        coupon, form.lines(), by=request.staff, now=clock.now()
    )
    return _show(request, coupon, uploaded=uploaded)


@require_http_methods(["GET", "POST"])
@may("hq.coupons")
def void(request: StaffRequest, pk: int, use_pk: int) -> HttpResponse:
    """Take a use back, with a reason."""
    uses = CouponUse.objects.visible_to(request.staff).filter(issue__coupon=pk)
    named = uses.select_related("issue__coupon", "issue__member", "store")
    use = get_object_or_404(named, pk=use_pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        loyalty.void(use, reason=reason, by=request.staff, now=clock.now())
        return go(request, reverse("hq:coupon", args=[pk]))
    context = {"nav": "coupons", "use": use, "reason": form}
    status = 422 if form.is_bound else 200
    return page(request, "hq/coupons/void.html", context, status=status)


@require_GET
@may("hq.coupons")
def uses_csv(request: StaffRequest, pk: int) -> HttpResponse:
    """Hand every use out as a file."""
    coupon = _coupon(request, pk)
    rows = reports.use_rows(coupon)
    return csv_file(f"coupon-{pk}-uses.csv", reports.use_heads(), rows)


@require_GET
@may("hq.coupons")
def issues_csv(request: StaffRequest, pk: int) -> HttpResponse:
    """Hand every copy out as a file."""
    coupon = _coupon(request, pk)
    rows = reports.issue_rows(coupon)
    return csv_file(f"coupon-{pk}-copies.csv", reports.issue_heads(), rows)


def _coupon(request: StaffRequest, pk: int) -> Coupon:
    return get_object_or_404(Coupon.objects.visible_to(request.staff), pk=pk)


def _editor(
    request: StaffRequest, form: CouponForm, coupon: Coupon | None
) -> HttpResponse:
    context = {
        "nav": "coupons",
        "form": form,
        "saved": coupon,
        "coupon": form.drawn() if form.is_bound else coupon or Coupon(),
    }
    status = 422 if form.is_bound else 200
    return page(request, "hq/coupons/editor.html", context, status=status)


def _show(
    request: StaffRequest,
    coupon: Coupon,
    *,
    audience: AudienceForm | None = None,
    codes_form: CodesForm | None = None,
    status: int = 200,
    **said: Any,
) -> HttpResponse:
    uses = CouponUse.objects.filter(issue__coupon=coupon).select_related(
        "issue__member", "issue__issued_by", "store", "staff", "voided_by"
    )
    context = {
        "nav": "coupons",
        "coupon": coupon,
        "told": reports.figures_of([coupon])[0],
        "rows": Paginator(uses.order_by("-at", "-pk"), A_PAGE).get_page(
            request.GET.get("page")
        ),
        "audience": audience or AudienceForm(),
        "codes_form": codes_form or CodesForm(),
        "pack_left": coupon.pack.filter(is_taken=False).count(),
        "bad_lines": BAD_LINES_SHOWN,
        **said,
    }
    return page(
        request, "hq/coupons/show.html", context, fragment="rows", status=status
    )


def _counted(outcomes: list[loyalty.Issued | loyalty.NotIssued]) -> dict[str, Any]:
    """Return how many received one, and why the others did not."""
    refused: dict[str, int] = {}
    for outcome in outcomes:
        if isinstance(outcome, loyalty.NotIssued):
            refused[outcome.message] = refused.get(outcome.message, 0) + 1
    total = len(outcomes) - sum(refused.values())
    return {"total": total, "refused": sorted(refused.items())}
