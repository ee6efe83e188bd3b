"""HQ corrects the credit of a line: whom it goes to, why, and once more to be sure."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from apps.attribution.models import Credit
from apps.commissions import services as commissions
from apps.core import clock
from apps.core.money import WHOLE, split
from apps.orders.models import OrderLine
from apps.staff.access import StaffRequest, may
from apps.staff.models import Staff
from apps.ui.htmx import go, page


class CorrectionForm(forms.Form):
    """To whom the line goes, in parts of a hundred; to nobody: the house's."""

    first = forms.ModelChoiceField(
        Staff.objects.serving(),
        label=gettext_lazy("改認列給"),
        required=False,
        empty_label=gettext_lazy("總部，不分潤"),
    )
    second = forms.ModelChoiceField(
        Staff.objects.serving(),
        label=gettext_lazy("另一位（拆分時）"),
        required=False,
        empty_label=gettext_lazy("不拆分"),
    )
    part = forms.IntegerField(
        label=gettext_lazy("另一位的比例 %"),
        required=False,
        min_value=1,
        max_value=99,
        widget=forms.NumberInput(attrs={"class": "input"}),
        error_messages={
            "invalid": gettext_lazy("比例要是整數"),
            "min_value": gettext_lazy("比例要在 1 到 99 之間"),
            "max_value": gettext_lazy("比例要在 1 到 99 之間"),
        },
    )
    reason = forms.CharField(
        label=gettext_lazy("理由"),
        help_text=gettext_lazy("會留在稽核紀錄，受影響的店員都看得到。"),
        max_length=300,
        widget=forms.Textarea(attrs={"class": "input", "rows": 3}),
        error_messages={"required": gettext_lazy("請寫下更正的理由")},
    )

    def clean(self) -> dict[str, Any]:
        """Check that a split names two people and their parts."""
        own: dict[str, Any] = super().clean() or self.cleaned_data
        first, second = own.get("first"), own.get("second")
        if second and (not first or first == second):
            self.add_error("second", _("拆分要有兩位不同的店員"))
        if second and not own.get("part") and "part" not in self.errors:
            self.add_error("part", _("請填比例"))
        return own

    def shares(self) -> dict[int, int]:
        """Return who gets how much, in basis points."""
        first, second = self.cleaned_data["first"], self.cleaned_data["second"]
        if first is None:
            return {}
        if second is None:
            return {first.pk: WHOLE}
        part = self.cleaned_data["part"] * 100
        return {first.pk: WHOLE - part, second.pk: part}


@require_http_methods(["GET", "POST"])
@may("hq.correct_credit")
def correct(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask to whom the line goes and why, show what it moves, and do it."""
    line = get_object_or_404(OrderLine.objects.select_related("order"), pk=pk)
    form = CorrectionForm(request.POST or None)
    is_sound = request.method == "POST" and form.is_valid()
    if is_sound and request.POST.get("confirmed") == "1":
        commissions.correct_credit(
            line,
            form.shares(),
            reason=form.cleaned_data["reason"],
            by=request.staff,
            now=clock.now(),
        )
        return go(request, reverse("hq:credit", args=[line.order_id]))
    held = Credit.objects.filter(line=line, superseded_at=None)
    context = {
        "nav": "credits",
        "line": line,
        "form": form,
        "held": held.select_related("staff", "store").order_by("-share", "pk"),
        "after": _after(form, line) if is_sound else (),
    }
    status = 422 if request.method == "POST" and not is_sound else 200
    return page(request, "hq/credits/correct.html", context, status=status)


def _after(form: CorrectionForm, line: OrderLine) -> list[tuple[Staff | None, int]]:
    """Return who would hold how much (NT$)."""
    shares = form.shares()
    if not shares:
        return [(None, line.net)]
    people = Staff.objects.in_bulk(shares)
    amounts = split(line.net, list(shares.values()))
    return [(people[pk], part) for pk, part in zip(shares, amounts, strict=True)]
