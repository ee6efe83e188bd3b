"""A salesperson gives a customer a tag, or takes one away."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core import clock
from apps.members import services as members
from apps.members.models import Member, MemberTag, Tag
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import go, toast


@require_POST
@may("helper.tags")
def give(request: StaffRequest, pk: int) -> HttpResponse:
    """Give the tag, or take it; the same form sent twice counts once."""
    seen = Member.objects.visible_to(request.staff).distinct()
    get_object_or_404(seen, pk=pk)
    said = request.POST
    back = go(request, reverse("helper:customer", args=[pk]))
    if not said.get("tag", "").isdecimal():
        return back
    tag = get_object_or_404(Tag.objects.kept(), pk=int(said["tag"]))
    by, now = request.staff, clock.now()
    if said.get("act") == "remove":
        members.untag_members([pk], [tag], by=by, now=now)
        return toast(back, _("已移除標籤"))
    occasion = said.get("occasion", "")
    staff = MemberTag.Source.STAFF
    members.tag_members([pk], [tag], source=staff, by=by, now=now, occasion=occasion)
    return toast(back, _("已加上標籤"))
