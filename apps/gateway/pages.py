"""HQ's page about other systems: the keys they hold, the shops that report to us.

It stands with the machine doors, for the doors do not know each other.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core import clock
from apps.core.errors import Refused
from apps.gateway import keys
from apps.gateway.models import ApiKey, Asked, ShopConnection, ShopEvent
from apps.gateway.platforms import services as shops
from apps.gateway.request_log import KEPT
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import go, page

A_PAGE = 50
MOST_AT_ONCE = 1_000
SCOPE_WORDS = {
    "products:read": _("讀取商品、規格與庫存"),
    "products:write": _("送入商品與規格"),
    "stock:write": _("更新庫存"),
    "members:read": _("查詢會員與會員權益"),
    "members:write": _("送入會員與識別碼"),
    "carts:write": _("回報購物車"),
    "carts:read": _("讀取購物車"),
    "coupons:use": _("查驗、保留、核銷優惠券"),
    "points:use": _("試算與折抵點數"),
    "orders:write": _("送入訂單與退款"),
    "orders:read": _("讀取訂單"),
    "links:read": _("查詢推廣連結"),
    "events:write": _("回報瀏覽、搜尋與購物車"),
}


def _scopes() -> list[tuple[str, Any]]:
    return [(name, SCOPE_WORDS.get(name, said)) for name, said in keys.SCOPES.items()]


class KeyForm(forms.Form):
    """Who will hold a key, and what it may do."""

    name = forms.CharField(
        label=_("名稱"), max_length=40, help_text=_("哪個系統要用，例如：官網、POS")
    )
    scopes = forms.MultipleChoiceField(
        label=_("可以做什麼"),
        choices=_scopes,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("只勾需要的；之後要改，請另做一把"),
    )


class ShopForm(forms.ModelForm):  # type: ignore[type-arg]  # no generic at runtime
    """A shop that is to report to us."""

    class Meta:
        model = ShopConnection
        fields = ("platform", "name", "slug", "secret")
        help_texts = {
            "slug": _("英文或數字，會出現在網址與訂單來源，之後不能改"),
            "secret": _("平台後台 Webhook 設定裡的密鑰，存檔後不再顯示"),
        }
        widgets = {"secret": forms.PasswordInput(attrs={"autocomplete": "off"})}


@require_GET
@may("hq.keys")
def index(request: StaffRequest) -> HttpResponse:
    """List the keys and the shops."""
    failed = Count("events", filter=Q(events__state=ShopEvent.State.DEAD))
    context = {
        "nav": "keys",
        "keys": ApiKey.objects.order_by("-is_active", "name", "pk"),
        "shops": [
            (shop, _address(request, shop))
            for shop in ShopConnection.objects.annotate(failed=failed).order_by("pk")
        ],
    }
    return page(request, "hq/keys/index.html", context)


@require_http_methods(["GET", "POST"])
@may("hq.keys")
def new_key(request: StaffRequest) -> HttpResponse:
    """Make a key and show it, once."""
    form = KeyForm(request.POST or None)
    context: dict[str, Any] = {"nav": "keys", "form": form}
    if request.method == "POST" and form.is_valid():
        context["key"], context["raw"] = keys.hand_out(
            **form.cleaned_data, by=request.staff, now=clock.now()
        )
        answer = page(request, "hq/keys/made.html", context)
        answer["Cache-Control"] = "no-store"
        return answer
    status = 422 if request.method == "POST" else 200
    return page(request, "hq/keys/new.html", context, status=status)


@require_GET
@may("hq.keys")
def show_key(request: StaffRequest, pk: int) -> HttpResponse:
    """Show what a key may do and what it asked lately."""
    key = get_object_or_404(ApiKey, pk=pk)
    asked = Asked.objects.filter(api_key=key).order_by("-pk")
    is_failed = request.GET.get("only") == "failed"
    if is_failed:
        asked = asked.filter(status__gte=400)
    context = {
        "nav": "keys",
        "key": key,
        "words": _scopes(),
        "days": KEPT.days,
        "is_failed": is_failed,
        "rows": _leaf(request, asked),
    }
    return page(request, "hq/keys/key.html", context)


@require_POST
@may("hq.keys")
def revoke_key(request: StaffRequest, pk: int) -> HttpResponse:
    """Let nobody in by the key any more."""
    keys.revoke(get_object_or_404(ApiKey, pk=pk), by=request.staff, now=clock.now())
    return go(request, reverse("gateway:key", args=[pk]))


@require_http_methods(["GET", "POST"])
@may("hq.keys")
def new_shop(request: StaffRequest) -> HttpResponse:
    """Ask for a shop and its secret, and keep it."""
    form = ShopForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            shop = shops.connect(
                form.save(commit=False), by=request.staff, now=clock.now()
            )
        except Refused as refusal:
            form.add_error("slug", refusal.message)
        else:
            return go(request, reverse("gateway:shop", args=[shop.pk]))
    status = 422 if request.method == "POST" else 200
    context = {"nav": "keys", "form": form}
    return page(request, "hq/keys/shop_new.html", context, status=status)


@require_GET
@may("hq.keys")
def show_shop(request: StaffRequest, pk: int) -> HttpResponse:
    """Show the address of a shop's webhooks and what came in by it."""
    shop = get_object_or_404(ShopConnection, pk=pk)
    events = shop.events.defer("body").order_by("-pk")
    is_failed = request.GET.get("only") == "failed"
    dead = events.filter(state=ShopEvent.State.DEAD)
    context = {
        "nav": "keys",
        "shop": shop,
        "address": _address(request, shop),
        "is_failed": is_failed,
        "failed": dead.order_by()[:MOST_AT_ONCE].count(),
        "rows": _leaf(request, dead if is_failed else events),
    }
    return page(request, "hq/keys/shop.html", context)


@require_POST
@may("hq.keys")
def switch_shop(request: StaffRequest, pk: int) -> HttpResponse:
    """Take the shop's deliveries, or refuse them."""
    shop = get_object_or_404(ShopConnection, pk=pk)
    is_active = request.POST.get("to") == "on"
    shops.switch(shop, is_active=is_active, by=request.staff, now=clock.now())
    return go(request, reverse("gateway:shop", args=[pk]))


@require_POST
@may("hq.keys")
def requeue(request: StaffRequest, pk: int) -> HttpResponse:
    """Handle the shop's dead deliveries once more: one of them, or all."""
    shop = get_object_or_404(ShopConnection, pk=pk)
    chosen = shop.events.filter(state=ShopEvent.State.DEAD).only("pk")
    one = request.POST.get("event", "")
    if one.isdecimal():
        chosen = chosen.filter(pk=int(one))
    shops.requeue(chosen[:MOST_AT_ONCE], by=request.staff, now=clock.now())
    return go(request, reverse("gateway:shop", args=[pk]))


def _leaf(request: StaffRequest, found: Any) -> Any:
    return Paginator(found, A_PAGE).get_page(request.GET.get("page"))


def _address(request: StaffRequest, shop: ShopConnection) -> str:
    """Return the whole address to paste into the shop."""
    path = reverse(f"gateway:{shop.platform}_webhook", args=[shop.slug])
    return request.build_absolute_uri(path)
