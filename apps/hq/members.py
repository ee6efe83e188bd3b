"""HQ's members: the list with its filters, one member, bonds by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from apps.audit import services as audit
from apps.conversations import services as conversations
from apps.core import clock
from apps.hq.member_filters import matching, narrowed
from apps.hq.paging import leaf
from apps.members import services as members
from apps.members.models import Binding, Member, Tag
from apps.members.reports.tags import new_occasion
from apps.reports.member_page import member_page
from apps.staff.access import StaffRequest, may
from apps.staff.models import Posting, Staff
from apps.ui.htmx import page, toast

__all__ = ["binding", "index", "matching", "show"]


class BindForm(forms.Form):
    """To whom the member is to be bound."""

    posting = forms.ModelChoiceField(
        Posting.objects.none(),
        label=gettext_lazy("店員與門市"),
        empty_label=gettext_lazy("選擇店員"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        serving = Staff.objects.serving()
        field = self.fields["posting"]
        field.queryset = (  # type: ignore[attr-defined]  # a ModelChoiceField
            Posting.objects.on(clock.today())
            .filter(staff__in=serving)
            .select_related("staff", "store")
            .order_by("store__code", "staff__name")
        )


@require_GET
@may("hq.members")
def index(request: StaffRequest) -> HttpResponse:
    """List members, newest first."""
    filters, found = narrowed(request)
    rows = found.select_related("facts", "standing__tier").prefetch_related(
        "tags",
        Prefetch(
            "bindings",
            Binding.objects.current().select_related("staff", "store"),
            to_attr="current",
        ),
    )
    context = {
        "nav": "members",
        "filters": filters,
        "tags": Tag.objects.offered(),
        "occasion": new_occasion(),
        "rows": leaf(request, rows.order_by("-created_at", "-pk")),
    }
    return page(request, "hq/members/index.html", context, fragment="rows")


@require_GET
@may("hq.members")
def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Show all there is of one member; an alias leads to the person."""
    alias = Member.objects.filter(pk=pk, merged_into__isnull=False).first()
    if alias is not None:
        return redirect("hq:member", pk=members.follow(alias).pk)
    member, now = _member(request, pk), clock.now()
    audit.record("members.read", member, by=request.staff, now=now)
    return _show(request, member)


@require_http_methods(["POST", "DELETE"])
@may("members.bind")
def binding(request: StaffRequest, pk: int) -> HttpResponse:
    """Bind the member to somebody, or end the bond."""
    member, now = _member(request, pk), clock.now()
    if request.method == "DELETE":
        members.unbind(member, by=request.staff, now=now)
        said = _("已解除綁定")
    else:
        form = BindForm(request.POST)
        if not form.is_valid():
            return _show(request, member, form=form, status=422)
        posting = form.cleaned_data["posting"]
        members.bind(
            member,
            posting.staff,
            posting.store,
            source=Binding.Source.MANUAL,
            by=request.staff,
            now=now,
        )
        said = _("已綁定%(name)s") % {"name": posting.staff.label}
    conversations.follow_binding(member, now=now)
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return toast(answer, said)
    return redirect("hq:member", pk=pk)


def _member(request: StaffRequest, pk: int) -> Member:
    return get_object_or_404(Member.objects.visible_to(request.staff), pk=pk)


def _show(
    request: StaffRequest,
    member: Member,
    *,
    form: BindForm | None = None,
    status: int = 200,
) -> HttpResponse:
    told = member_page(member, viewer=request.staff, now=clock.now())
    context = {
        "nav": "members",
        "page": told,
        "customer": told.customer,
        "form": form or BindForm(),
    }
    return page(request, "hq/members/show.html", context, status=status)
