"""Fill a cart for one's customer: find goods, send the link, or sell it here."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django import forms
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.attribution import services as attribution
from apps.attribution.models import Touch
from apps.conversations import services as conversations
from apps.conversations.models import Conversation
from apps.core import clock
from apps.core.errors import Refused
from apps.members.models import Member
from apps.orders import services as orders
from apps.orders.models import Cart
from apps.orders.reports import find_goods, look
from apps.staff import services as staff_services
from apps.staff.access import StaffRequest, may
from apps.staff.models import Staff
from apps.stores.models import Store
from apps.ui.htmx import go, page

A_PAGE = 30


class SendForm(forms.Form):
    """The words that go with the link, and the click they come from."""

    note = forms.CharField(required=False, max_length=200)
    client_id = forms.UUIDField()


class SellForm(forms.Form):
    """What the store's till printed, and where the goods go."""

    receipt = forms.CharField(max_length=60)
    ship_to = forms.CharField(required=False, max_length=200)


@require_GET
@may("helper.carts")
def index(request: StaffRequest) -> HttpResponse:
    """List the carts of the person and of the person's customers."""
    state = request.GET.get("state", "")
    found = Cart.objects.visible_to(request.staff).select_related("member", "store")
    if state in Cart.State.values:
        found = found.filter(state=state)
    found = found.annotate(kinds=Count("lines"), pieces=Sum("lines__quantity"))
    rows = Paginator(found.order_by("-changed_at", "-pk"), A_PAGE)
    context = {
        "nav": "today",
        "states": Cart.State.choices,
        "state": state,
        "rows": rows.get_page(request.GET.get("page")),
    }
    return page(request, "helper/carts/index.html", context, fragment="rows")


@require_POST
@may("helper.carts")
def begin(request: StaffRequest, pk: int) -> HttpResponse:
    """Begin a cart for one of the person's customers, or go on with the last."""
    scope = Member.objects.visible_to(request.staff).distinct()
    member = get_object_or_404(scope, pk=pk)
    store, now = _store(request.staff), clock.now()
    cart = orders.fill_cart(member, {}, by=request.staff, store=store, now=now)
    return go(request, reverse("helper:cart", args=[cart.pk]))


@require_GET
@may("helper.carts")
def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a cart with today's prices and stock, and goods to put in."""
    cart = _cart(request, pk)
    search = request.GET.get("q", "").strip()[:60]
    context = {
        "nav": "today",
        "cart": cart,
        "seen": look(cart, now=clock.now()),
        "search": search,
        "found": find_goods(search, store=cart.store),
        "url": orders.cart_url(cart),
        "conversation": _conversation(request.staff, cart),
        "client_id": uuid4(),
        "stores": Store.objects.filter(is_active=True),
    }
    return page(request, "helper/carts/show.html", context, fragment="found")


@require_POST
@may("helper.carts")
def line(request: StaffRequest, pk: int) -> HttpResponse:
    """Put a variant in, change how many there are, or take it out."""
    cart = _cart(request, pk)
    variant, count = request.POST.get("variant", ""), request.POST.get("quantity", "")
    if not (variant.isdigit() and (count.isdigit() or not count)):
        raise Refused("quantity", _("數量要在 0 到 99 之間"))
    there = dict(cart.lines.values_list("variant_id", "quantity"))
    wanted = int(count) if count else there.get(int(variant), 0) + 1
    now = clock.now()
    orders.change_cart(cart, {int(variant): wanted}, by=request.staff, now=now)
    return go(request, reverse("helper:cart", args=[pk]))


@require_POST
@may("helper.carts")
def delivery(request: StaffRequest, pk: int) -> HttpResponse:
    """Choose how the customer gets it."""
    cart = _cart(request, pk)
    chosen = request.POST.get("store", "")
    store = Store.objects.filter(is_active=True, code=chosen).first()
    way = Cart.Delivery.PICKUP if store else Cart.Delivery.SHIP
    orders.deliver_cart(cart, delivery=way, pickup_store=store, now=clock.now())
    return go(request, reverse("helper:cart", args=[pk]))


@require_POST
@may("helper.carts")
def send(request: StaffRequest, pk: int) -> HttpResponse:
    """Send the link to the customer, from the salesperson."""
    cart, form = _cart(request, pk), SendForm(request.POST)
    if not form.is_valid():
        raise Refused("note", _("留言最多 200 字"))
    _send(request.staff, cart, form, now=clock.now())
    return go(request, reverse("helper:cart", args=[pk]))


@require_POST
@may("helper.carts")
def sell(request: StaffRequest, pk: int) -> HttpResponse:
    """Order the cart here: the customer paid at the till of the store."""
    cart, form = _cart(request, pk), SellForm(request.POST)
    if not form.is_valid():
        raise Refused("receipt", _("請填收銀機印的單號"))
    now, store = clock.now(), cart.store or _store(request.staff)
    receipt = orders.Receipt(form.cleaned_data["receipt"], now)
    orders.order_in_store(
        cart, receipt=receipt, ship_to=form.cleaned_data["ship_to"], by=request.staff,
        store=store, now=now,
    )  # fmt: skip
    return go(request, reverse("helper:cart", args=[pk]))


@require_POST
@may("helper.carts")
def pay_here(request: StaffRequest, pk: int) -> HttpResponse:
    """Order the cart now; the customer pays it at the store later."""
    cart = _cart(request, pk)
    payment = orders.order_to_pay(
        cart, store=cart.pickup_store or cart.store or _store(request.staff),
        ship_to=request.POST.get("ship_to", ""), by=request.staff, now=clock.now(),
    )  # fmt: skip
    return go(request, reverse("helper:payment", args=[payment.pk]))


@require_POST
@may("helper.carts")
def give_up(request: StaffRequest, pk: int) -> HttpResponse:
    """Put the cart away."""
    orders.give_up_cart(_cart(request, pk), by=request.staff, now=clock.now())
    return go(request, reverse("helper:carts"))


def _cart(request: StaffRequest, pk: int) -> Cart:
    found = Cart.objects.visible_to(request.staff).select_related(
        "member", "store", "pickup_store", "filled_by"
    )
    return get_object_or_404(found, pk=pk)


def _store(staff: Staff) -> Store:
    store = staff_services.main_store(staff, clock.today())
    if store is None:
        raise Refused("no_posting", _("你目前沒有派駐門市"))
    return store


def _conversation(staff: Staff, cart: Cart) -> Conversation | None:
    found = Conversation.objects.visible_to(staff).filter(member=cart.member)
    return found.first()


@transaction.atomic
def _send(staff: Staff, cart: Cart, form: SendForm, *, now: datetime) -> None:
    conversation = _conversation(staff, cart)
    if conversation is None or cart.member is None:
        raise Refused("no_conversation", _("還不能傳訊息給這位顧客，請改用複製連結"))
    cart = orders.send_cart(cart, note=form.cleaned_data["note"], by=staff, now=now)
    words = cart.note or _("幫您挑好了，價格與庫存打開時會再確認一次：")
    conversations.reply(
        conversation, text=f"{words}\n{orders.cart_url(cart)}", by=staff, now=now,
        client_id=form.cleaned_data["client_id"],
    )  # fmt: skip
    attribution.touch_many(
        [
            attribution.NewTouch(
                Touch.Kind.CART_BUILT, conversation.member_id, line.added_by_id,
                line.added_at, ("cartline", str(line.pk)), cart.store_id,
                line.variant.product_id, None, line.variant.sku,
            )
            for line in cart.lines.select_related("variant")
            if line.added_by_id
        ],
        now=now,
    )  # fmt: skip
