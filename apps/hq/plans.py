"""HQ's plans of commission: who is paid by which, each in words, and drafts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.commissions import reports, rules
from apps.commissions import services as commissions
from apps.commissions.models import Plan, PlanDraft
from apps.core import clock
from apps.hq.plan_forms import ExampleForm, ScopeForm, StartForm, TermsForm
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import page


@require_GET
@may("hq.commissions")
def index(request: StaffRequest) -> HttpResponse:
    """List whose plan pays what, now and to come, and the drafts."""
    return _list(request, ScopeForm())


@require_GET
@may("hq.commissions")
def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one version in words, with an example and its other versions."""
    found = Plan.objects.select_related("staff", "store", "published_by")
    plan = get_object_or_404(found, pk=pk)
    context = {
        "nav": "plans",
        "plan": plan,
        "whose": reports.whose(plan),
        "clauses": reports.clauses(plan.read()),
        "versions": reports.versions(plan),
        "today": clock.today(),
        "may_end": plan.scope != rules.Scope() and not plan.ends_on,
        "end": StartForm(initial={"day": clock.next_month(clock.today())}),
        **_example(request, plan.read()),
    }
    return page(request, "hq/plans/show.html", context, fragment="example")


@require_POST
@may("hq.commissions")
def end(request: StaffRequest, pk: int) -> HttpResponse:
    """Let a plan of one person, store or role end."""
    plan = get_object_or_404(Plan, pk=pk)
    form = StartForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("請填正確的日期"))
        return redirect("hq:plan", pk)
    day = form.cleaned_data["day"]
    commissions.end_plan(plan, ends_on=day, by=request.staff, now=clock.now())
    return redirect("hq:plan", pk)


@require_POST
@may("hq.commissions")
def begin(request: StaffRequest) -> HttpResponse:
    """Begin a draft for the chosen people."""
    form = ScopeForm(request.POST)
    if not form.is_valid():
        return _list(request, form, status=422)
    draft = commissions.begin_plan_draft(
        form.scope(), by=request.staff, now=clock.now()
    )
    return redirect("hq:plan_draft", draft.pk)


@require_http_methods(["GET", "POST"])
@may("hq.commissions")
def draft(request: StaffRequest, pk: int) -> HttpResponse:
    """Show the draft's form, or keep what was changed in it."""
    row = get_object_or_404(_open_drafts(), pk=pk)
    if request.method == "GET":
        return _show_draft(request, row, TermsForm.of(row))
    form = TermsForm(request.POST)
    if not form.is_valid():
        return _show_draft(request, row, form, status=422)
    name = form.cleaned_data["name"]
    commissions.revise_plan_draft(
        row, form.terms, name=name, by=request.staff, now=clock.now()
    )
    messages.success(request, _("草案已儲存"))
    return redirect("hq:plan_draft", pk)


@require_POST
@may("hq.commissions")
def discard(request: StaffRequest, pk: int) -> HttpResponse:
    """Throw the draft away."""
    row = get_object_or_404(_open_drafts(), pk=pk)
    commissions.discard_plan_draft(row, by=request.staff, now=clock.now())
    return redirect("hq:plans")


@require_http_methods(["GET", "POST"])
@may("hq.commissions")
def publish(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask from which day the draft is to hold, and publish it."""
    row = get_object_or_404(_open_drafts(), pk=pk)
    first = clock.next_month(clock.today())
    form = StartForm(request.POST or None, initial={"day": first})
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["day"]
        commissions.publish_plan_draft(
            row, starts_on=day, by=request.staff, now=clock.now()
        )
        return redirect("hq:plans")
    context = {"nav": "plans", "draft": row, "form": form, **_told(row)}
    status = 422 if request.method == "POST" else 200
    return page(request, "hq/plans/publish.html", context, status=status)


def _list(request: StaffRequest, form: ScopeForm, *, status: int = 200) -> HttpResponse:
    today = clock.today()
    context = {
        "nav": "plans",
        "today": today,
        "plans": [
            (plan, reports.whose(plan), reports.in_brief(plan.read()))
            for plan in reports.in_force(today)
        ],
        "drafts": [(row, reports.whose(row)) for row in _open_drafts()],
        "form": form,
    }
    return page(request, "hq/plans/index.html", context, status=status)


def _show_draft(
    request: StaffRequest, row: PlanDraft, form: TermsForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "nav": "plans",
        "draft": row,
        "form": form,
        **_told(row),
        **_example(request, row.read()),
    }
    return page(
        request, "hq/plans/draft.html", context, fragment="example", status=status
    )


def _told(row: PlanDraft) -> dict[str, Any]:
    """Return the draft in words, marked where it differs from what holds now."""
    today = clock.today()
    current = (
        Plan.objects.of_scope(row.scope).on(today).first()
        or Plan.objects.everybodys().on(today).first()
    )
    beside = current.read() if current else None
    told = reports.clauses(row.read(), beside=beside)
    return {
        "whose": reports.whose(row),
        "clauses": told,
        "is_new": any(clause.is_new for clause in told),
        "by_month": row.read().looks_at_months,
    }


def _example(request: StaffRequest, terms: rules.Terms) -> dict[str, Any]:
    """Work out the month that was asked for, or a usual one."""
    typed = ExampleForm(request.GET if request.method == "GET" else None)
    figures = typed.figures()
    return {
        "asked": ExampleForm(initial=figures),
        "example": reports.example(terms, **figures),
        "by_piece": bool(terms.online.each or terms.store.each),
    }


def _open_drafts() -> QuerySet[PlanDraft]:
    return PlanDraft.objects.filter(published_as=None).select_related(
        "created_by", "staff", "store"
    )
