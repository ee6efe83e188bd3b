"""The leads that HQ gave to the salesperson: call, note it, make a member of one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.conversations import services as conversations
from apps.conversations.models import Conversation
from apps.core import clock
from apps.core.errors import Refused
from apps.members import services as members
from apps.members.models import Binding, Inquiry, Lead, Member
from apps.staff.access import StaffRequest, may
from apps.staff.models import Staff
from apps.ui.htmx import go, page, toast

A_PAGE = 30
OPEN = (Lead.State.NEW, Lead.State.ASSIGNED, Lead.State.CONTACTED)
SOURCE = "helper"


class RegisterForm(forms.Form):
    """What a lead said when they agreed to become a member."""

    name = forms.CharField(
        label=gettext_lazy("姓名"),
        max_length=60,
        error_messages={"required": gettext_lazy("請填姓名")},
    )
    phone = forms.CharField(label=gettext_lazy("手機"), max_length=24, required=False)
    terms = forms.BooleanField(
        label=gettext_lazy("本人已看過並同意會員條款與個人資料告知"),
        error_messages={"required": gettext_lazy("要本人同意，才能成為會員")},
    )
    marketing = forms.BooleanField(
        label=gettext_lazy("本人同意收到新品與優惠"), required=False
    )


@require_GET
@may("helper.open")
def index(request: StaffRequest) -> HttpResponse:
    """List the leads that are still to be won, the newest wish first."""
    inquiries = Inquiry.objects.select_related("store").order_by("-at")
    found = (
        Lead.objects.visible_to(request.staff)
        .filter(state__in=OPEN, member__merged_into=None)
        .select_related("member", "staff", "store")
        .prefetch_related(
            Prefetch("member__inquiries", inquiries),
            Prefetch(
                "member__conversations",
                Conversation.objects.visible_to(request.staff),
                to_attr="chats",
            ),
        )
    )
    rows = found.order_by("-changed_at", "-pk").distinct()
    context = {
        "nav": "leads",
        "rows": Paginator(rows, A_PAGE).get_page(request.GET.get("page")),
    }
    return page(request, "helper/leads/index.html", context, fragment="rows")


@require_POST
@may("helper.open")
def move(request: StaffRequest, pk: int) -> HttpResponse:
    """Note that the lead was called, or is no longer followed."""
    lead = _lead(request, pk)
    act = request.POST.get("act", "")
    members.move_leads([lead.member_id], act, by=request.staff, now=clock.now())
    said = _("已記下") if act == Lead.State.CONTACTED else _("已不再跟進")
    return toast(go(request, reverse("helper:leads")), said)


@require_http_methods(["GET", "POST"])
@may("helper.open")
def convert(request: StaffRequest, pk: int) -> HttpResponse:
    """Register the lead, who is bound to the person who won them."""
    lead = _lead(request, pk)
    start = {"name": lead.member.label, "phone": lead.member.phone}
    form = RegisterForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            won = _win(lead, form.cleaned_data, by=request.staff)
        except Refused as refusal:
            form.add_error("phone", refusal.message)
        else:
            return go(request, reverse("helper:customer", args=[won.pk]))
    context: dict[str, Any] = {"nav": "leads", "lead": lead, "form": form}
    status = 422 if form.is_bound else 200
    return page(request, "helper/leads/convert.html", context, status=status)


@transaction.atomic
def _win(lead: Lead, said: dict[str, Any], *, by: Staff) -> Member:
    """Register the lead and bind them to whom they were given to."""
    now = clock.now()
    consents = {"terms": said["terms"], "marketing": said["marketing"]}
    won = members.register(
        lead.member, name=said["name"], phone=said["phone"], consents=consents,
        source=SOURCE, store=lead.store, now=now,
    )  # fmt: skip
    if lead.staff is not None and lead.store is not None:
        members.bind(
            won, lead.staff, lead.store, source=Binding.Source.LEAD, by=by, now=now
        )
        conversations.follow_binding(won, now=now)
    return won


def _lead(request: StaffRequest, pk: int) -> Lead:
    open_leads = Lead.objects.visible_to(request.staff).filter(state__in=OPEN)
    scope = open_leads.filter(member__stage=Member.Stage.LEAD)
    found = scope.select_related("member", "staff", "store")
    return get_object_or_404(found.distinct(), pk=pk)
