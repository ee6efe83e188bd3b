"""What HQ writes on a member's page: consents and notes."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core import clock
from apps.members import services as members
from apps.members.models import Consent, Member, Note
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import go, toast


@require_POST
@may("members.consent")
def consent(request: StaffRequest, pk: int) -> HttpResponse:
    """Write down what the member told HQ, with how HQ came to hear it."""
    member = _member(request, pk)
    members.say(
        member,
        request.POST.get("channel", ""),
        request.POST.get("purpose", ""),
        is_granted=request.POST.get("answer") == "yes",
        source=Consent.Source.HQ,
        by=request.staff,
        reason=request.POST.get("reason", ""),
        now=clock.now(),
    )
    back = reverse("hq:member", args=[pk])
    return toast(go(request, back), _("已登錄"))


@require_POST
@may("members.note")
def write(request: StaffRequest, pk: int) -> HttpResponse:
    """Add a note about the member."""
    member = _member(request, pk)
    text = request.POST.get("text", "")
    members.write_note(member, text, by=request.staff, now=clock.now())
    return toast(_to_notes(request, pk), _("已加上備註"))


@require_POST
@may("members.note")
def note(request: StaffRequest, pk: int) -> HttpResponse:
    """Edit, pin or hide a note."""
    found = get_object_or_404(Note.objects.visible_to(request.staff), pk=pk)
    act, text = request.POST.get("act", ""), request.POST.get("text", "")
    members.change_note(found, act, text, by=request.staff, now=clock.now())
    return _to_notes(request, found.member_id)


def _to_notes(request: StaffRequest, pk: int) -> HttpResponse:
    return go(request, reverse("hq:member", args=[pk]))


def _member(request: StaffRequest, pk: int) -> Member:
    return get_object_or_404(Member.objects.visible_to(request.staff).distinct(), pk=pk)
