"""HQ's merges: pairs that may be one person, side by side, merged and taken apart."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core import clock
from apps.hq.member_filters import matching
from apps.hq.paging import leaf
from apps.members import reports
from apps.members import services as members
from apps.members.models import Conflict, Member, Merge
from apps.members.rules.merging import CHOICES
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import go, page, toast

FOUND = 12


@require_GET
@may("members.merge")
def index(request: StaffRequest) -> HttpResponse:
    """List the pairs to be decided, those said most often first; or the merges."""
    tab = request.GET.get("tab", "open")
    context: dict[str, Any] = {"nav": "merges", "tab": tab}
    if tab == "merged":
        merges = Merge.objects.select_related(
            "keeper", "loser", "merged_by", "undone_by"
        )
        context["rows"] = leaf(request, merges.order_by("-merged_at", "-pk"))
    else:
        state = Conflict.State.APART if tab == "apart" else Conflict.State.OPEN
        conflicts = Conflict.objects.filter(state=state).select_related(
            "first", "second", "decided_by"
        )
        context["rows"] = leaf(request, conflicts.order_by("-times", "-seen_at", "-pk"))
    return page(request, "hq/merges/index.html", context, fragment="rows")


@require_GET
@may("members.merge")
def find(request: StaffRequest, pk: int) -> HttpResponse:
    """Look for the record that may be the same person as this one."""
    member = get_object_or_404(Member.objects.visible_to(request.staff), pk=pk)
    search = request.GET.get("q", member.name).strip()[:60]
    others = Member.objects.visible_to(request.staff).exclude(pk=pk)
    found = matching(others, search) if search else others.none()
    context = {
        "nav": "merges",
        "member": member,
        "search": search,
        "rows": found.select_related("facts", "standing__tier").order_by("-pk")[:FOUND],
    }
    return page(request, "hq/merges/find.html", context, fragment="rows")


@require_http_methods(["GET", "POST"])
@may("members.merge")
def review(request: StaffRequest, pk: int, other: int) -> HttpResponse:
    """Show two records side by side, and merge the second into the first."""
    seen = Member.objects.visible_to(request.staff)
    keeper, loser = get_object_or_404(seen, pk=pk), get_object_or_404(seen, pk=other)
    sent = request.POST if request.method == "POST" else request.GET
    take = [name for name in CHOICES if sent.get(name) == "other"]
    if request.method == "POST":
        done = members.merge(
            keeper, loser, take=take, by=request.staff, now=clock.now()
        )
        return go(request, reverse("hq:merge", args=[done.pk]))
    context = {
        "nav": "merges",
        "keeper": keeper,
        "loser": loser,
        "sides": reports.side_by_side(keeper, loser, take=take),
        "preview": members.preview(keeper, loser, take=take),
        "undo_days": members.undo_within().days,
        "conflict": Conflict.objects.filter(
            first=min(pk, other), second=max(pk, other)
        ).first(),
    }
    return page(request, "hq/merges/review.html", context, fragment="preview")


@require_GET
@may("members.merge")
def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Show what a merge did, and whether it can be undone."""
    merges = Merge.objects.select_related("keeper", "loser", "merged_by", "undone_by")
    merge = get_object_or_404(merges, pk=pk)
    reason = members.why_not_undo(merge, keeper=merge.keeper, now=clock.now())
    context = {
        "nav": "merges",
        "merge": merge,
        "changes": reports.changed_fields(merge),
        "why_not": members.late_words(reason) if reason else "",
        "undo_until": merge.merged_at + members.undo_within(),
    }
    return page(request, "hq/merges/show.html", context)


@require_POST
@may("members.merge")
def undo(request: StaffRequest, pk: int) -> HttpResponse:
    """Make two of one again."""
    merge = get_object_or_404(Merge, pk=pk)
    members.undo_merge(merge, by=request.staff, now=clock.now())
    return toast(go(request, reverse("hq:merge", args=[pk])), _("已還原成兩筆會員"))


@require_POST
@may("members.merge")
def apart(request: StaffRequest, pk: int) -> HttpResponse:
    """Decide that the two are different people."""
    conflict = get_object_or_404(Conflict, pk=pk)
    members.keep_apart(conflict, by=request.staff, now=clock.now())
    return toast(go(request, reverse("hq:merges")), _("已標示為不同人"))
