"""What HQ wants to know of members: its own questions, and the answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.db.models import Count, Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core import clock
from apps.core.errors import Refused
from apps.members import services as members
from apps.members.models import Attribute, AttributeChoice, Member
from apps.members.reports import edited_answers
from apps.members.rules.attributes import HQ
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import go, page, toast

SOURCE = "hq"
# Which field of the form a refusal is about.
FIELDS = {
    "attr_key": "key",
    "attr_name": "name",
    "attr_kind": "kind",
    "attr_choices": "choices",
    "attr_audience": "edited_by",
    "attr_required": "is_required",
}


def _boxes(label: Any, hint: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        help_text=hint,
        choices=Attribute.Audience.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class AttributeForm(forms.Form):
    """A question as HQ words it."""

    name = forms.CharField(label=gettext_lazy("名稱"), max_length=40)
    key = forms.CharField(
        label=gettext_lazy("代號"),
        max_length=30,
        help_text=gettext_lazy("匯入和 API 用，例如 shoe_size；建立後不能改"),
    )
    kind = forms.ChoiceField(label=gettext_lazy("種類"), choices=Attribute.Kind.choices)
    unit = forms.CharField(
        label=gettext_lazy("單位"),
        max_length=12,
        required=False,
        help_text=gettext_lazy("例如 cm，可以空白"),
    )
    choices = forms.CharField(
        label=gettext_lazy("選項"),
        required=False,
        max_length=3000,
        help_text=gettext_lazy("單選和複選才要填，一行一個；有人選過的會封存"),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    help = forms.CharField(
        label=gettext_lazy("說明"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("顯示在欄位旁，告訴填的人要寫什麼"),
    )
    shown_to = _boxes(gettext_lazy("誰看得到"), gettext_lazy("總部一定看得到"))
    edited_by = _boxes(gettext_lazy("誰可以改"), gettext_lazy("總部一定可以改"))
    is_required = forms.BooleanField(
        label=gettext_lazy("填了才算填完個人資料"),
        help_text=gettext_lazy("顧客在 LINE 的個人資料頁要填"),
        required=False,
    )

    def said(self) -> members.AttributeIn:
        """Return the question as the verbs take it."""
        own = self.cleaned_data
        return members.AttributeIn(**own | {"choices": own["choices"].splitlines()})


@require_GET
@may("members.attributes")
def index(request: StaffRequest) -> HttpResponse:
    """List the questions in their order, and those that are asked no longer."""
    choices = AttributeChoice.objects.filter(archived_at=None)
    rows = (
        Attribute.objects.annotate(answered=Count("values"))
        .prefetch_related(Prefetch("choices", choices, to_attr="open_choices"))
        .order_by("position", "pk")
    )
    context = {
        "nav": "attributes",
        "asked": [row for row in rows if row.archived_at is None],
        "archived": [row for row in rows if row.archived_at is not None],
    }
    return page(request, "hq/attributes/index.html", context)


@require_http_methods(["GET", "POST"])
@may("members.attributes")
def new(request: StaffRequest) -> HttpResponse:
    """Ask for a new question, and declare it."""
    form = AttributeForm(request.POST or None)
    if _kept(form, partial(members.declare_attribute, by=request.staff)):
        return redirect("hq:attributes")
    return _ask(request, form, _("新增會員欄位"))


@require_http_methods(["GET", "POST"])
@may("members.attributes")
def edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask how a question is to be worded, and change it."""
    row = get_object_or_404(Attribute, pk=pk)
    form = AttributeForm(request.POST or None, initial=_initial(row))
    form.fields["key"].disabled = True
    if _kept(form, partial(members.change_attribute, row, by=request.staff)):
        return redirect("hq:attributes")
    return _ask(request, form, row.name)


@require_POST
@may("members.attributes")
def move(request: StaffRequest, pk: int) -> HttpResponse:
    """Set a question further up or down, archive it or ask it again."""
    row = get_object_or_404(Attribute, pk=pk)
    match request.POST.get("act"):
        case "up" | "down" as act:
            members.move_attribute(row, is_up=act == "up")
        case "archive":
            members.archive_attribute(row, by=request.staff, now=clock.now())
        case "restore":
            members.restore_attribute(row, by=request.staff, now=clock.now())
        case _:
            raise Refused("unknown", _("沒有這個動作"))
    return go(request, reverse("hq:attributes"))


@require_POST
@may("members.edit")
def answer(request: StaffRequest, pk: int) -> HttpResponse:
    """Write the answers of one member."""
    seen = Member.objects.visible_to(request.staff).distinct()
    member = get_object_or_404(seen, pk=pk)
    said = edited_answers(member, request.POST, audience=HQ)
    members.set_values(
        {member.pk: said}, by=request.staff, source=SOURCE, now=clock.now()
    )
    return toast(go(request, reverse("hq:member", args=[pk])), _("已儲存"))


def _kept(form: AttributeForm, verb: Callable[..., Attribute]) -> bool:
    """Keep what the form says; else its fields say what is wrong."""
    if not form.is_bound or not form.is_valid():
        return False
    try:
        verb(form.said(), now=clock.now())
    except Refused as refusal:
        form.add_error(FIELDS.get(refusal.code), refusal.message)
    return form.is_valid()


def _ask(request: StaffRequest, form: AttributeForm, title: str) -> HttpResponse:
    context = {"nav": "attributes", "form": form, "title": title}
    status = 422 if form.is_bound else 200
    return page(request, "hq/attributes/form.html", context, status=status)


def _initial(row: Attribute) -> dict[str, Any]:
    open_choices = row.choices.filter(archived_at=None)
    return {
        "name": row.name,
        "key": row.key,
        "kind": row.kind,
        "unit": row.unit,
        "choices": "\n".join(open_choices.values_list("label", flat=True)),
        "help": row.help,
        "shown_to": row.shown_to,
        "edited_by": row.edited_by,
        "is_required": row.is_required,
    }
