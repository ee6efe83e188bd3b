"""Give tags from HQ's pages: to one member, to those chosen, to all that were found."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from apps.core import clock
from apps.core.errors import Refused
from apps.hq.member_filters import Filters, narrowed
from apps.members import services as members
from apps.members.models import Member, MemberTag, Tag
from apps.members.querysets import MemberQuerySet
from apps.members.reports.tags import new_occasion
from apps.staff.access import StaffRequest, may
from apps.staff.models import Staff
from apps.ui.htmx import go, page, toast

MOST = 200_000  # members at once


class TagForm(forms.Form):
    """Which tag the chosen members get or lose; all that fit the filters, or some."""

    tag = forms.ModelChoiceField(Tag.objects.kept())
    act = forms.ChoiceField(choices=[("add", ""), ("remove", "")])
    scope = forms.ChoiceField(
        choices=[("chosen", ""), ("all", "")], required=False, initial="chosen"
    )
    chosen = forms.ModelMultipleChoiceField(Member.objects.people(), required=False)
    occasion = forms.CharField(max_length=60, required=False)
    is_sure = forms.BooleanField(required=False)

    @property
    def is_for_all(self) -> bool:
        """Tell whether everybody who was found is meant."""
        return bool(self.cleaned_data["scope"] == "all")

    def apply(self, found: MemberQuerySet, *, by: Staff) -> int:
        """Give or take the tag; return how many members changed."""
        said, now = self.cleaned_data, clock.now()
        if not self.is_for_all:
            found = found.filter(pk__in=said["chosen"])
        ids = list(found.order_by().values_list("pk", flat=True)[: MOST + 1])
        if len(ids) > MOST:
            raise Refused(
                "tag_too_many",
                _("一次最多 %(most)s 位，請再縮小條件") % {"most": f"{MOST:,}"},
            )
        if said["act"] == "remove":
            return members.untag_members(ids, [said["tag"]], by=by, now=now)
        return members.tag_members(
            ids, [said["tag"]], source=MemberTag.Source.HQ, by=by, now=now,
            occasion=said["occasion"],
        ).given  # fmt: skip


@require_POST
@may("members.tag")
def many(request: StaffRequest) -> HttpResponse:
    """Tag the members of the list; all that were found after a second look."""
    back = f"{reverse('hq:members')}?{request.GET.urlencode()}"
    form = TagForm(request.POST)
    if not form.is_valid():
        return go(request, back)
    filters, found = narrowed(request)
    if form.is_for_all and not form.cleaned_data["is_sure"]:
        return _ask(request, form, filters, found)
    count = form.apply(found, by=request.staff)
    said = ngettext("已更新 %(count)s 位會員", "已更新 %(count)s 位會員", count)
    return toast(go(request, back), said % {"count": f"{count:,}"})


@require_POST
@may("members.tag")
def one(request: StaffRequest, pk: int) -> HttpResponse:
    """Give a member a tag, or take one away."""
    seen = Member.objects.visible_to(request.staff).filter(pk=pk)
    get_object_or_404(seen)
    back = reverse("hq:member", args=[pk])
    form = TagForm({**request.POST.dict(), "scope": "all"})
    if not form.is_valid():
        return go(request, back)
    form.apply(seen, by=request.staff)
    removes = form.cleaned_data["act"] == "remove"
    return toast(go(request, back), _("已移除標籤") if removes else _("已加上標籤"))


def _ask(
    request: StaffRequest, form: TagForm, filters: Filters, found: MemberQuerySet
) -> HttpResponse:
    """Ask whether all of them are really meant."""
    count = found.count()
    context = {
        "nav": "members",
        "said": form.cleaned_data,
        "count": count,
        "is_too_many": count > MOST,
        "most": MOST,
        "is_narrowed": filters.is_narrowed,
        "occasion": new_occasion(),
    }
    return page(request, "hq/tags/sure.html", context)
