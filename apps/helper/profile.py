"""What a salesperson writes about a customer: notes and answers."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core import clock
from apps.members import services as members
from apps.members.models import Member, Note
from apps.members.reports import edited_answers
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import go, toast


@require_POST
@may("helper.open")
def write(request: StaffRequest, pk: int) -> HttpResponse:
    """Add a note about the customer."""
    member = _member(request, pk)
    text = request.POST.get("text", "")
    members.write_note(member, text, by=request.staff, now=clock.now())
    return toast(_back(request, pk), _("已加上備註"))


@require_POST
@may("helper.open")
def note(request: StaffRequest, pk: int) -> HttpResponse:
    """Edit, pin or hide a note about a customer whom the person serves."""
    found = get_object_or_404(Note.objects.visible_to(request.staff), pk=pk)
    act, text = request.POST.get("act", ""), request.POST.get("text", "")
    members.change_note(found, act, text, by=request.staff, now=clock.now())
    return _back(request, found.member_id)


@require_POST
@may("helper.open")
def answer(request: StaffRequest, pk: int) -> HttpResponse:
    """Write the customer's answers to HQ's questions, those one may edit."""
    member = _member(request, pk)
    audience = members.audience_of(request.staff)
    said = edited_answers(member, request.POST, audience=audience)
    members.set_values(
        {member.pk: said}, by=request.staff, source="helper", now=clock.now()
    )
    return toast(_back(request, pk), _("已儲存"))


def _back(request: StaffRequest, pk: int) -> HttpResponse:
    return go(request, reverse("helper:customer", args=[pk]))


def _member(request: StaffRequest, pk: int) -> Member:
    return get_object_or_404(Member.objects.visible_to(request.staff).distinct(), pk=pk)
