"""HQ's members: the list with its filters, one member, bonds and tags by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.audit import services as audit
from apps.conversations import services as conversations
from apps.core import clock
from apps.hq.member_filters import Filters, matching
from apps.hq.paging import MOST, leaf
from apps.members import services as members
from apps.members.models import Binding, Member, Tag
from apps.members.querysets import MemberQuerySet
from apps.reports.member_page import member_page
from apps.staff.access import StaffRequest, may
from apps.staff.models import Posting, Staff
from apps.ui.htmx import go, page, toast

__all__ = ["binding", "index", "matching", "show", "tag"]


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


class TagForm(forms.Form):
    """Which tag the chosen members get or lose; all that fit the filters, or some."""

    tag = forms.ModelChoiceField(Tag.objects.all())
    act = forms.ChoiceField(choices=[("add", ""), ("remove", "")])
    scope = forms.ChoiceField(choices=[("chosen", ""), ("all", "")])
    chosen = forms.ModelMultipleChoiceField(Member.objects.people(), required=False)


@require_GET
@may("hq.members")
def index(request: StaffRequest) -> HttpResponse:
    """List members, newest first."""
    filters, found = _narrowed(request)
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
        "tags": Tag.objects.order_by("name"),
        "rows": leaf(request, rows.order_by("-created_at", "-pk")),
    }
    return page(request, "hq/members/index.html", context, fragment="rows")


@require_POST
@may("members.tag")
def tag(request: StaffRequest) -> HttpResponse:
    """Give many members a tag, or take it from them."""
    back = f"{reverse('hq:members')}?{request.GET.urlencode()}"
    form = TagForm(request.POST)
    if not form.is_valid():
        return go(request, back)
    verb = members.tag_members
    if form.cleaned_data["act"] == "remove":
        verb = members.untag_members
    count = verb(
        _chosen(request, form), form.cleaned_data["tag"],
        by=request.staff, now=clock.now(),
    )  # fmt: skip
    said = ngettext("已更新 %(count)s 位會員", "已更新 %(count)s 位會員", count)
    return toast(go(request, back), said % {"count": count})


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


def _narrowed(request: StaffRequest) -> tuple[Filters, MemberQuerySet]:
    filters = Filters(request.GET)
    seen = Member.objects.visible_to(request.staff)
    return filters, filters.narrow(seen, now=clock.now())


def _chosen(request: StaffRequest, form: TagForm) -> list[int]:
    """Return whom the person meant, at most as many as the list counts."""
    found = _narrowed(request)[1]
    if form.cleaned_data["scope"] == "chosen":
        found = found.filter(pk__in=form.cleaned_data["chosen"])
    return list(found.order_by("-created_at").values_list("pk", flat=True)[:MOST])


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
