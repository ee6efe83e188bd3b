"""HQ's members: the list with its filters, one member, and whom they are bound to."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from apps.conversations import services as conversations
from apps.conversations.models import Conversation
from apps.core import clock
from apps.core.errors import Refused
from apps.loyalty.models import Tier
from apps.members import phones
from apps.members import services as members
from apps.members.models import Binding, Member
from apps.members.querysets import MemberQuerySet
from apps.reports.customers import customer_360
from apps.staff.access import StaffRequest, may
from apps.staff.models import Posting, Staff
from apps.stores.models import Store
from apps.ui.htmx import page, toast

A_PAGE = 50
BOUND = [
    ("", gettext_lazy("綁定與否")),
    ("yes", gettext_lazy("已綁定")),
    ("no", gettext_lazy("未綁定")),
]


class Filters(forms.Form):
    """What the list may be narrowed by."""

    q = forms.CharField(required=False, max_length=60)
    tier = forms.ModelChoiceField(
        Tier.objects.all(), required=False, empty_label=gettext_lazy("全部等級")
    )
    store = forms.ModelChoiceField(
        Store.objects.all(), required=False, empty_label=gettext_lazy("全部門市")
    )
    bound = forms.ChoiceField(choices=BOUND, required=False)

    def narrow(self, found: MemberQuerySet) -> MemberQuerySet:
        """Keep the members that fit; a filter that makes no sense is left out."""
        self.is_valid()
        chosen = self.cleaned_data
        current = Binding.objects.current().filter(member=OuterRef("pk"))
        if chosen.get("tier"):
            found = found.filter(standing__tier=chosen["tier"])
        if chosen.get("store"):
            found = found.filter(Exists(current.filter(store=chosen["store"])))
        if chosen.get("bound"):
            bound = Exists(current)
            found = found.filter(bound if chosen["bound"] == "yes" else ~bound)
        return matching(found, chosen.get("q", "").strip())


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
    filters = Filters(request.GET)
    found = filters.narrow(Member.objects.visible_to(request.staff))
    rows = found.select_related("facts", "standing__tier").prefetch_related(
        Prefetch(
            "bindings",
            Binding.objects.current().select_related("staff", "store"),
            to_attr="current",
        )
    )
    context = {
        "nav": "members",
        "filters": filters,
        "rows": Paginator(rows.order_by("-created_at", "-pk"), A_PAGE).get_page(
            request.GET.get("page")
        ),
    }
    return page(request, "hq/members/index.html", context, fragment="rows")


@require_GET
@may("hq.members")
def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one member with orders, bonds, consents and keys."""
    return _show(request, _member(request, pk))


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


def matching(found: MemberQuerySet, search: str) -> MemberQuerySet:
    """Keep those with the name, phone, e-mail or number."""
    if not search:
        return found
    match = (
        Q(name__icontains=search)
        | Q(nickname__icontains=search)
        | Q(number=search.replace(" ", ""))
        | Q(email__iexact=search)
    )
    with suppress(Refused):
        match |= Q(phone=phones.normal(search))
    return found.filter(match)


def _member(request: StaffRequest, pk: int) -> Member:
    return get_object_or_404(Member.objects.visible_to(request.staff), pk=pk)


def _show(
    request: StaffRequest,
    member: Member,
    *,
    form: BindForm | None = None,
    status: int = 200,
) -> HttpResponse:
    bonds = member.bindings.select_related("staff", "store")
    context = {
        "nav": "members",
        "customer": customer_360(member, now=clock.now(), purchases=20),
        "bonds": bonds.order_by(F("period").desc())[:20],
        "consents": member.consents.order_by("-at")[:10],
        "identities": member.identities.select_related("account").order_by("kind"),
        "conversation": Conversation.objects.visible_to(request.staff)
        .filter(member=member)
        .first(),
        "form": form or BindForm(),
    }
    return page(request, "hq/members/show.html", context, status=status)
