"""HQ's leads: who showed interest, where they came from, who looks after them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core import clock
from apps.hq.member_filters import SOURCES, matching
from apps.hq.members import BindForm
from apps.hq.paging import leaf
from apps.members import services as members
from apps.members.models import Identity, Lead, Member
from apps.members.querysets import MemberQuerySet
from apps.staff.access import StaffRequest, may
from apps.staff.models import Staff
from apps.stores.models import Store
from apps.ui.htmx import go, page, toast


class Filters(forms.Form):
    """What the list may be narrowed by; without a state, those still to be won."""

    q = forms.CharField(required=False, max_length=60)
    state = forms.ChoiceField(
        choices=[("", gettext_lazy("待跟進")), *Lead.State.choices], required=False
    )
    source = forms.ChoiceField(choices=SOURCES, required=False)
    store = forms.ModelChoiceField(
        Store.objects.all(), required=False, empty_label=gettext_lazy("全部門市")
    )
    staff = forms.ModelChoiceField(
        Staff.objects.serving().order_by("name"),
        required=False,
        empty_label=gettext_lazy("全部店員"),
    )
    interest = forms.CharField(required=False, max_length=60)

    def narrow(self, found: MemberQuerySet) -> MemberQuerySet:
        """Keep the leads that fit; a filter that makes no sense is left out."""
        self.is_valid()
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        found = found.filter(_in_state(chosen.get("state", "")))
        columns = {
            "source": "entry",
            "store": "lead__store",
            "staff": "lead__staff",
            "interest": "lead__interest__icontains",
        }
        found = found.filter(
            **{columns[name]: chosen[name] for name in columns if name in chosen}
        )
        return matching(found, chosen.get("q", "").strip())

    @property
    def is_narrowed(self) -> bool:
        """Tell whether anything was chosen."""
        self.is_valid()
        return any(self.cleaned_data.values())


class LeadForm(forms.Form):
    """A lead that somebody tells of: who, how to reach them, what interests them."""

    name = forms.CharField(label=gettext_lazy("姓名"), max_length=60, required=False)
    phone = forms.CharField(label=gettext_lazy("手機"), max_length=24)
    interest = forms.CharField(label=gettext_lazy("有興趣的"), max_length=120)
    note = forms.CharField(label=gettext_lazy("備註"), max_length=300, required=False)


class RegisterForm(forms.Form):
    """What a lead said when they agreed to become a member."""

    name = forms.CharField(label=gettext_lazy("姓名"), max_length=60)
    phone = forms.CharField(label=gettext_lazy("手機"), max_length=24, required=False)
    terms = forms.BooleanField(
        label=gettext_lazy("本人已同意會員條款與個人資料告知"), required=False
    )
    marketing = forms.BooleanField(
        label=gettext_lazy("本人同意收到新品與優惠"), required=False
    )


@require_GET
@may("hq.members")
def index(request: StaffRequest) -> HttpResponse:
    """List leads, newest first."""
    filters = Filters(request.GET)
    rows = filters.narrow(Member.objects.visible_to(request.staff))
    rows = rows.select_related("lead__staff", "lead__store").prefetch_related(
        Prefetch("identities", Identity.objects.filter(kind="line"), to_attr="on_line")
    )
    context = {
        "nav": "leads",
        "filters": filters,
        "form": BindForm(),
        "new": LeadForm(),
        "rows": leaf(request, rows.order_by("-created_at", "-pk")),
    }
    return page(request, "hq/leads/index.html", context, fragment="rows")


@require_POST
@may("members.leads")
def capture(request: StaffRequest) -> HttpResponse:
    """Keep a lead that somebody tells of."""
    form = LeadForm(request.POST)
    if not form.is_valid():
        return page(request, "hq/leads/new.html", {"nav": "leads", "new": form},
                    status=422)  # fmt: skip
    said = form.cleaned_data
    member = members.capture_lead(
        members.CustomerKeys(name=said["name"], phone=said["phone"]),
        interest=said["interest"], note=said["note"], source="hq",
        by=request.staff, now=clock.now(),
    )  # fmt: skip
    if member.stage == Member.Stage.REGISTERED:
        return go(request, reverse("hq:member", args=[member.pk]))
    return toast(go(request, reverse("hq:leads")), _("已加入潛在顧客"))


@require_POST
@may("members.leads")
def move(request: StaffRequest) -> HttpResponse:
    """Give the chosen leads to somebody, or note how far they are."""
    ids = [int(pk) for pk in request.POST.getlist("chosen") if pk.isdecimal()]
    back = f"{reverse('hq:leads')}?{request.GET.urlencode()}"
    form = BindForm(request.POST)
    if request.POST.get("act") != "assign":
        count = members.move_leads(
            ids, request.POST.get("act", ""), by=request.staff, now=clock.now()
        )
    elif form.is_valid():
        posting = form.cleaned_data["posting"]
        count = members.assign_leads(
            ids, posting.staff, posting.store, by=request.staff, now=clock.now()
        )
    else:
        return go(request, back)
    said = ngettext("已更新 %(count)s 位", "已更新 %(count)s 位", count)
    return toast(go(request, back), said % {"count": count})


@require_http_methods(["GET", "POST"])
@may("members.leads")
def convert(request: StaffRequest, pk: int) -> HttpResponse:
    """Register a lead, or show who has the telephone number already."""
    seen = Member.objects.visible_to(request.staff)
    member = get_object_or_404(seen, pk=pk, stage=Member.Stage.LEAD)
    start = {"name": member.label, "phone": member.phone}
    form = RegisterForm(request.POST or None, initial=start)
    context: dict[str, Any] = {"nav": "leads", "member": member, "form": form}
    if request.method == "GET" or not form.is_valid():
        status = 200 if request.method == "GET" else 422
        return page(request, "hq/leads/convert.html", context, status=status)
    said = form.cleaned_data
    owner = members.find_by_phone(said["phone"])
    if owner is not None and owner.pk != pk:
        context["owner"] = owner
        return page(request, "hq/leads/convert.html", context, status=422)
    members.register(
        member, name=said["name"], phone=said["phone"], source="hq", now=clock.now(),
        consents={"terms": said["terms"], "marketing": said["marketing"]},
    )  # fmt: skip
    return go(request, reverse("hq:member", args=[pk]))


def _in_state(state: str) -> Q:
    """Keep leads in the state; one that nobody touched has no row and is new."""
    if state == Lead.State.CONVERTED:
        return Q(lead__state=state)
    is_lead = Q(stage=Member.Stage.LEAD)
    if state == Lead.State.NEW:
        return is_lead & (Q(lead=None) | Q(lead__state=state))
    if state:
        return is_lead & Q(lead__state=state)
    return is_lead & (Q(lead=None) | ~Q(lead__state=Lead.State.CLOSED))
