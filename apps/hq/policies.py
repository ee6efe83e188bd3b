"""HQ's rules of credit: the version in force in words, its history, and drafts."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.attribution import services as attribution
from apps.attribution.models import Policy, PolicyDraft, Simulation
from apps.attribution.reports import policies
from apps.attribution.reports.telling import Told, tell
from apps.attribution.rules import Policy as Ladder
from apps.attribution.rules import Rate
from apps.commissions.models import Plan
from apps.core import clock
from apps.hq.policy_forms import RulesForm
from apps.hq.trial_forms import PeriodForm, PublishForm
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import page

TRIES = 20


@require_GET
@may("hq.credits")
def index(request: StaffRequest) -> HttpResponse:
    """Show the rules in force in words, the versions, the drafts and what was tried."""
    now = clock.now()
    current = policies.in_force(policies.published(), now)
    context = {
        "nav": "policies",
        "version": current,
        "told": tell(current.rules),
        "history": Policy.objects.select_related("published_by"),
        "now": now,
        "drafts": PolicyDraft.objects.filter(published_as=None).select_related(
            "created_by"
        ),
        "tries": Simulation.objects.select_related("started_by")[:TRIES],
    }
    return page(request, "hq/policies/index.html", context)


@require_GET
@may("hq.credits")
def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one published version in words, beside the one before it."""
    row = get_object_or_404(Policy.objects.select_related("published_by"), pk=pk)
    version = policies.read(row)
    older = Policy.objects.filter(version__lt=row.version).order_by("-version").first()
    beside = policies.read(older).rules if older else None
    context = {
        "nav": "policies",
        "row": row,
        "told": tell(version.rules, beside=beside),
        "older": older,
    }
    return page(request, "hq/policies/show.html", context)


@require_POST
@may("hq.credit_policy")
def begin(request: StaffRequest) -> HttpResponse:
    """Begin a draft with the rules in force."""
    draft = attribution.begin_draft(by=request.staff, now=clock.now())
    return redirect("hq:policy_draft", draft.pk)


@require_http_methods(["GET", "POST"])
@may("hq.credit_policy")
def draft(request: StaffRequest, pk: int) -> HttpResponse:
    """Show the draft's form, or keep what was changed in it."""
    row = get_object_or_404(_open_drafts(), pk=pk)
    if request.method == "GET":
        return _show_draft(request, row, RulesForm.of(row))
    form = RulesForm(request.POST)
    move = request.POST.get("move", "")
    if move:
        form = form.moved(move)
    if not form.is_valid():
        return _show_draft(request, row, form, status=422)
    attribution.revise_draft(
        row,
        form.rules(),
        name=form.cleaned_data["name"],
        by=request.staff,
        now=clock.now(),
    )
    if not move:
        messages.success(request, _("草案已儲存"))
    return redirect("hq:policy_draft", pk)


@require_POST
@may("hq.credit_policy")
def discard(request: StaffRequest, pk: int) -> HttpResponse:
    """Throw the draft away."""
    row = get_object_or_404(_open_drafts(), pk=pk)
    attribution.discard_draft(row, by=request.staff, now=clock.now())
    return redirect("hq:policies")


@require_POST
@may("hq.credit_policy")
def simulate(request: StaffRequest, pk: int) -> HttpResponse:
    """Have the worker try the draft."""
    row = get_object_or_404(_open_drafts(), pk=pk)
    form = PeriodForm(request.POST)
    if not form.is_valid():
        return _show_draft(request, row, RulesForm.of(row), period=form, status=422)
    started = attribution.start_simulation(
        row,
        since=form.cleaned_data["since"],
        until=form.cleaned_data["until"],
        rates=_rates(),
        by=request.staff,
        now=clock.now(),
    )
    return redirect("hq:simulation", started.pk)


@require_http_methods(["GET", "POST"])
@may("hq.credit_policy")
def publish(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask from which day the draft is to hold and say what it would move; publish."""
    row = get_object_or_404(_open_drafts(), pk=pk)
    tomorrow = clock.today() + timedelta(days=1)
    form = PublishForm(request.POST or None, initial={"effective_on": tomorrow})
    form.fields["effective_on"].widget.attrs["min"] = tomorrow.isoformat()
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["effective_on"]
        attribution.publish_draft(
            row, effective_on=day, by=request.staff, now=clock.now()
        )
        return redirect("hq:policies")
    context = {
        "nav": "policies",
        "draft": row,
        "form": form,
        "told": _told(row),
        "tried": attribution.last_simulation(row),
    }
    status = 422 if request.method == "POST" else 200
    return page(request, "hq/policies/publish.html", context, status=status)


def _show_draft(
    request: StaffRequest,
    row: PolicyDraft,
    form: RulesForm,
    *,
    period: PeriodForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the draft: its form, what it says, and how to try it."""
    context = {
        "nav": "policies",
        "draft": row,
        "form": form,
        "told": _told(row),
        "period": period or PeriodForm(),
        "tries": row.simulations.select_related("started_by"),
        "today": clock.today(),
    }
    return page(request, "hq/policies/draft.html", context, status=status)


def _open_drafts() -> QuerySet[PolicyDraft]:
    return PolicyDraft.objects.filter(published_as=None).select_related("created_by")


def _told(row: PolicyDraft) -> Told:
    """Return the draft in words, marked where it differs from the rules in force."""
    current = policies.in_force(policies.published(), clock.now())
    return tell(Ladder.from_json(row.rules), beside=current.rules)


def _rates() -> list[Rate]:
    """Return what a credit pays by everybody's plans, for what would move of it."""
    return [
        Rate(plan.starts_on, plan.online_rate, plan.store_rate)
        for plan in Plan.objects.everybodys()
    ]
