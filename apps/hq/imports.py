"""HQ's imports: send a file, say what its columns hold, try it, take it in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core import clock
from apps.core.errors import Refused
from apps.hq.import_forms import UploadForm, chosen_columns, chosen_options
from apps.imports import kinds, reports
from apps.imports import services as imports
from apps.imports.kinds import Field, Kind
from apps.imports.models import ImportJob
from apps.staff import rules
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import go, page
from apps.ui.spreadsheets import csv_file

A_PAGE = 30
REMARKS = 50


@dataclass(frozen=True)
class Column:
    """A field of the kind and the column of the file that was chosen for it."""

    field: Field
    place: int | None
    example: str


@require_http_methods(["GET", "POST"])
@may("hq.imports")
def index(request: StaffRequest) -> HttpResponse:
    """List the files that came in, and take another one over."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            job = imports.upload(
                form.cleaned_data["file"],
                kind=form.cleaned_data["kind"],
                by=request.staff,
                now=clock.now(),
            )
        except Refused as refused:
            form.add_error("file", refused.message)
        else:
            return go(request, reverse("hq:import", args=[job.pk]))
    jobs = ImportJob.objects.select_related("started_by")
    context = {
        "nav": "imports",
        "form": form,
        "kinds": kinds.every(),
        "rows": Paginator(jobs, A_PAGE).get_page(request.GET.get("page")),
        "labels": {kind.name: kind.label for kind in kinds.every()},
    }
    return page(
        request, "hq/imports/index.html", context, status=422 if form.errors else 200
    )


@require_GET
@may("hq.imports")
def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a file: its columns before it is taken, its progress, what came of it."""
    return _shown(request, get_object_or_404(ImportJob, pk=pk))


@require_POST
@may("hq.imports")
def check(request: StaffRequest, pk: int) -> HttpResponse:
    """Keep what was said of the columns and try the whole file."""
    job = get_object_or_404(ImportJob, pk=pk)
    try:
        job = imports.map_columns(
            job, chosen_columns(request.POST, job), chosen_options(request.POST, job)
        )
        imports.check(job, by=request.staff, now=clock.now())
    except Refused as refused:
        job.mapping = chosen_columns(request.POST, job)
        job.options = chosen_options(request.POST, job)
        return _shown(request, job, problem=refused.message)
    return go(request, reverse("hq:import", args=[pk]))


@require_POST
@may("hq.imports")
def start(request: StaffRequest, pk: int) -> HttpResponse:
    """Take the file in."""
    job = get_object_or_404(ImportJob, pk=pk)
    imports.start(job, by=request.staff, now=clock.now())
    return go(request, reverse("hq:import", args=[pk]))


@require_POST
@may("hq.imports")
def cancel(request: StaffRequest, pk: int) -> HttpResponse:
    """Stop it after the batch in hand."""
    job = get_object_or_404(ImportJob, pk=pk)
    imports.cancel(job, by=request.staff, now=clock.now())
    return go(request, reverse("hq:import", args=[pk]))


@require_GET
@may("hq.imports")
def errors(request: StaffRequest, pk: int) -> HttpResponse:
    """Answer with the bad rows, as they were, with what is wrong in front."""
    job = get_object_or_404(ImportJob, pk=pk)
    rows = reports.error_rows(job)
    return csv_file(f"errors-{job.pk}.csv", next(rows), rows)


@require_GET
@may("hq.imports")
def template(request: StaffRequest, kind: str) -> HttpResponse:
    """Answer with an empty file of the kind that has the headings we know."""
    found = {each.name: each for each in kinds.every()}.get(kind)
    if found is None:
        raise Http404
    return csv_file(f"{kind}.csv", [str(field.label) for field in found.fields], [])


def _shown(request: StaffRequest, job: ImportJob, *, problem: str = "") -> HttpResponse:
    kind = kinds.named(job.kind)
    context: dict[str, Any] = {
        "nav": "imports",
        "job": job,
        "kind": kind,
        "problem": problem,
        "remarks": job.remarks.order_by("number", "pk")[:REMARKS],
        "labels": {field.name: field.label for field in kind.fields},
        "tallies": [
            (label, job.also[name])
            for name, label in kinds.tallies.items()
            if job.also.get(name)
        ],
    }
    if job.is_open:
        rows = reports.first_rows(job)
        context |= {
            "first_rows": rows,
            "columns": _columns(kind, job, rows),
            "options": [
                (each, job.options.get(each.name, ""))
                for each in kind.options
                if not each.permission or rules.may(request.staff.role, each.permission)
            ],
            "headings": list(enumerate(job.header)),
        }
    status = 422 if problem else 200
    return page(request, "hq/imports/show.html", context, fragment="job", status=status)


def _columns(kind: Kind, job: ImportJob, rows: list[list[str]]) -> list[Column]:
    found = []
    for field in kind.fields:
        place = job.mapping.get(field.name)
        examples = [row[place] for row in rows if place is not None and row[place]]
        found.append(Column(field, place, _("、").join(examples[:2])[:60]))
    return found
