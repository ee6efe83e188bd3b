"""HQ's loyalty settings: tiers, rules of points, pauses, gifts and upgrade codes."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib import messages
from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core import clock
from apps.core.errors import Refused
from apps.hq.loyalty_forms import CodeForm, GiftForm, PauseForm, RuleForm, TierForm
from apps.loyalty import services as loyalty
from apps.loyalty.models import (
    BurnPause,
    GiftRule,
    LoyaltySettings,
    PointRule,
    Tier,
    UpgradeCode,
)
from apps.loyalty.reports import telling
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import page

CODES = 50


@require_GET
@may("hq.loyalty")
def index(request: StaffRequest) -> HttpResponse:
    """Show everything that is settled, in plain words."""
    now = clock.now()
    versions = list(PointRule.objects.prefetch_related("multipliers__tier", "excluded"))
    begun = [row for row in versions if row.starts_on <= clock.day_of(now)]
    current = begun[0] if begun else None
    gifts = {rule.occasion: rule for rule in GiftRule.objects.select_related("coupon")}
    context = {
        "nav": "loyalty",
        "tiers": [telling.tell_tier(tier) for tier in Tier.objects.all()],
        "versions": versions,
        "current": current,
        "expiry": telling.tell_expiry(current) if current else "",
        "release": telling.tell_release(current) if current else "",
        "example": telling.example(current, now=now) if current else None,
        "gifts": [
            (value, label, gifts.get(value))
            for value, label in GiftRule.Occasion.choices
        ],
        "pauses": [
            (pause, pause.is_on(now))
            for pause in BurnPause.objects.filter(
                period__endswith__gt=now
            ).prefetch_related("categories")
        ],
        "kept": LoyaltySettings.current(),
        "codes": UpgradeCode.objects.select_related("tier")[:CODES],
        "now": now,
        "today": clock.day_of(now),
    }
    return page(request, "hq/loyalty/index.html", context)


@require_http_methods(["GET", "POST"])
@may("loyalty.design")
def tier(request: StaffRequest, pk: int | None = None) -> HttpResponse:
    """Ask for a tier's rules, and keep them."""
    row = get_object_or_404(Tier, pk=pk) if pk else Tier()
    form = TierForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        kept = loyalty.keep_tier(
            form.save(commit=False), by=request.staff, now=clock.now()
        )
        messages.success(request, _("已儲存%(name)s") % {"name": kept.label})
        return redirect("hq:loyalty")
    title = row.label if pk else _("新增等級")
    return _ask(request, "tier", form, title)


@require_http_methods(["GET", "POST"])
@may("loyalty.design")
def rule(request: StaffRequest) -> HttpResponse:
    """Ask for a new version of the rules of points, and publish it."""
    last = PointRule.objects.first()
    start = clock.today() + timedelta(days=1) if last else clock.today()
    form = RuleForm(request.POST or None, instance=last, initial={"starts_on": start})
    if request.method == "POST" and form.is_valid():
        try:
            loyalty.publish_rule(
                form.rule(),
                multipliers=form.multipliers,
                excluded=form.cleaned_data["excluded"],
                by=request.staff,
                now=clock.now(),
            )
        except Refused as refusal:
            form.add_error("starts_on", refusal.message)
        else:
            messages.success(request, _("新版本已發布"))
            return redirect("hq:loyalty")
    return _ask(request, "rule", form, _("新的點數規則"))


@require_POST
@may("loyalty.design")
def rule_withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    """Take back a version that has not begun."""
    row = get_object_or_404(PointRule, pk=pk)
    loyalty.withdraw_rule(row, by=request.staff, now=clock.now())
    return redirect("hq:loyalty")


@require_http_methods(["GET", "POST"])
@may("loyalty.design")
def pause(request: StaffRequest) -> HttpResponse:
    """Ask when points are to pay nothing, and keep it."""
    form = PauseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            loyalty.pause_burning(
                clock.start_of(form.cleaned_data["since"]),
                clock.end_of(form.cleaned_data["until"]),
                reason=form.cleaned_data["reason"],
                channels=form.cleaned_data["channels"],
                categories=form.cleaned_data["categories"],
                by=request.staff,
                now=clock.now(),
            )
        except Refused as refusal:
            form.add_error("until", refusal.message)
        else:
            return redirect("hq:loyalty")
    return _ask(request, "pause", form, _("暫停點數折抵"))


@require_POST
@may("loyalty.design")
def pause_end(request: StaffRequest, pk: int) -> HttpResponse:
    """End a pause."""
    row = get_object_or_404(BurnPause, pk=pk)
    loyalty.end_pause(row, by=request.staff, now=clock.now())
    return redirect("hq:loyalty")


@require_http_methods(["GET", "POST"])
@may("loyalty.design")
def gift(request: StaffRequest, kind: str) -> HttpResponse:
    """Ask what an occasion brings, and keep it."""
    if kind not in GiftRule.Occasion.values:
        raise Http404
    row = GiftRule.objects.filter(occasion=kind).first()
    row = row or GiftRule(occasion=kind, starts_on=date.min)
    initial = {} if row.pk else {"starts_on": clock.today()}
    form = GiftForm(request.POST or None, instance=row, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            loyalty.keep_gift(
                form.save(commit=False), by=request.staff, now=clock.now()
            )
        except Refused as refusal:
            form.add_error("points", refusal.message)
        else:
            return redirect("hq:loyalty")
    return _ask(request, "gift", form, row.get_occasion_display())


@require_http_methods(["GET", "POST"])
@may("loyalty.design")
def code(request: StaffRequest) -> HttpResponse:
    """Ask for a new upgrade code, and make it."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        own = form.cleaned_data
        try:
            made = loyalty.make_upgrade_code(
                own["tier"],
                code=own["code"],
                ends_at=clock.end_of(own["ends_on"]),
                max_uses=own["max_uses"],
                term_months=own["term_months"],
                by=request.staff,
                now=clock.now(),
            )
        except Refused as refusal:
            form.add_error("code" if refusal.code == "code_taken" else "ends_on",
                           refusal.message)  # fmt: skip
        else:
            messages.success(request, _("升等碼：%(code)s") % {"code": made.code})
            return redirect("hq:loyalty")
    return _ask(request, "code", form, _("新的升等碼"))


@require_POST
@may("loyalty.design")
def code_stop(request: StaffRequest, pk: int) -> HttpResponse:
    """Let nobody enter a code any more."""
    row = get_object_or_404(UpgradeCode, pk=pk)
    loyalty.stop_upgrade_code(row, by=request.staff, now=clock.now())
    return redirect("hq:loyalty")


def _ask(
    request: StaffRequest, template: str, form: BaseForm, title: str
) -> HttpResponse:
    context = {"nav": "loyalty", "form": form, "title": title}
    status = 422 if request.method == "POST" else 200
    return page(request, f"hq/loyalty/{template}.html", context, status=status)
