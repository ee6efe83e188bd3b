"""The shop's pages: shelf, product, cart, order."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core import clock
from apps.core.errors import Refused
from apps.simulator import identity
from apps.simulator.access import simulated
from apps.simulator.models import ShopOrder
from apps.simulator.shop import accounts, api
from apps.simulator.shop import cart as carts
from apps.ui.htmx import page

View = Callable[..., HttpResponse]


def shop(view: View) -> View:
    """Make a page of the shop: keep the tracked link's reference, bear a dead API."""

    @simulated
    @wraps(view)
    def framed(request: HttpRequest, **kwargs: str) -> HttpResponse:
        try:
            response = view(request, **kwargs)
        except api.ApiError as error:
            context = _frame(request) | {"why": str(error)}
            response = page(request, "simulator/shop/closed.html", context, status=503)
        if accounts.token(request) and response.status_code == 200:
            response.delete_cookie(accounts.TOKEN, samesite="Lax")
        if given := request.GET.get(carts.REFERENCE):
            response.set_cookie(
                carts.REFERENCE,
                given[:200],
                max_age=carts.REFERENCE_SECONDS,
                samesite="Lax",
            )
        return response

    return framed


@require_GET
@shop
def index(request: HttpRequest) -> HttpResponse:
    """Show the shelf, one category of it, or what was searched for."""
    shelf = api.products()
    chosen = request.GET.get("category", "")
    words = request.GET.get("q", "").strip()[:80]
    context = {
        "products": [
            p
            for p in shelf
            if chosen in ("", p.category) and words in f"{p.name} {p.category}"
        ],
        "words": words,
        "categories": sorted({p.category for p in shelf if p.category}),
        "chosen": chosen,
    }
    return page(request, "simulator/shop/index.html", _frame(request) | context)


@require_GET
@shop
def product(request: HttpRequest, code: str) -> HttpResponse:
    """Show a product with its sizes and colours."""
    found = next((p for p in api.products() if p.code == code), None)
    if found is None:
        raise Http404
    context = _frame(request) | {"product": found}
    return page(request, "simulator/shop/product.html", context)


@require_GET
@shop
def cart(request: HttpRequest) -> HttpResponse:
    """Show the cart and the form to buy; a link may bring what is in it."""
    brought = carts.taken_over(request)
    if brought is not None:
        given = carts.Sent(
            request.GET.get("cart", "")[:20], request.GET.get("pickup", "")[:20]
        )
        answer = carts.keep(redirect("simulator:cart"), brought)
        return carts.keep_sent(answer, given)
    wanted = carts.quantities(request)
    person = identity.phone_of(request)
    context = {
        "cart": carts.filled(wanted, api.products()),
        "reference": carts.reference(request),
        "sent": carts.sent(request),
        "name": person.name if person else "",
        "phone": accounts.customer(request) or (person.phone if person else ""),
    }
    return page(request, "simulator/shop/cart.html", _frame(request) | context)


@require_http_methods(["GET", "POST"])
@shop
def login(request: HttpRequest) -> HttpResponse:
    """Sign a customer in by telephone; this shop believes anybody."""
    if request.method == "GET":
        person = identity.phone_of(request)
        context = {"phone": person.phone if person else ""}
        return page(request, "simulator/shop/login.html", _frame(request) | context)
    phone = request.POST.get("phone", "").strip()[:40]
    try:
        token = api.visitor_token(phone, accounts.visitor(request))
    except api.ApiError as error:
        raise Refused("no_member", _("查無這位會員，請用註冊時的手機。")) from error
    return accounts.sign_in(redirect("simulator:shop"), phone, token)


@require_POST
@shop
def add(request: HttpRequest) -> HttpResponse:
    """Put one piece in the cart; `quantity` of 0 takes it out."""
    wanted = carts.quantities(request)
    sku, given = request.POST.get("sku", ""), request.POST.get("quantity", "")
    if not sku:
        raise Refused("no_sku", _("先選尺寸與顏色。"))
    wanted[sku] = int(given) if given.isdigit() else wanted.get(sku, 0) + 1
    return carts.keep(redirect("simulator:cart"), wanted)


@require_POST
@shop
def buy(request: HttpRequest) -> HttpResponse:
    """Buy what is in the cart: write the order, tell the API."""
    wanted = carts.filled(carts.quantities(request), api.products())
    customer = {k: request.POST.get(k, "").strip() for k in ("name", "phone", "email")}
    if not wanted.lines:
        raise Refused("empty_cart", _("購物車是空的。"))
    if not (customer["name"] and customer["phone"]):
        raise Refused("no_customer", _("留下姓名與手機，才能寄出商品。"))
    body = carts.order(
        wanted, customer, carts.reference(request), carts.sent(request), now=clock.now()
    )
    order = ShopOrder.objects.create(number=body["external_id"], body=body)
    tell(order)
    answer = carts.keep(redirect("simulator:order", order.number), {})
    return carts.keep_sent(answer, carts.Sent())


@require_GET
@shop
def order(request: HttpRequest, number: str) -> HttpResponse:
    """Show an order, with the button that sends it back."""
    found = get_object_or_404(ShopOrder, number=number)
    lines = [
        {**line, "amount": line["quantity"] * line["unit_price"] - line["discount"]}
        for line in found.body["lines"]
    ]
    total = sum(line["amount"] for line in lines) + found.body["shipping"]
    context = {"order": found, "lines": lines, "total": total}
    return page(request, "simulator/shop/order.html", _frame(request) | context)


@require_POST
@shop
def tell_again(_request: HttpRequest, number: str) -> HttpResponse:
    """Send an order to the API once more: same body, same key."""
    tell(get_object_or_404(ShopOrder, number=number))
    return redirect("simulator:order", number)


@require_POST
@shop
def refund(_request: HttpRequest, number: str) -> HttpResponse:
    """Refund the whole order."""
    found = get_object_or_404(ShopOrder, number=number)
    if not found.refunded_at:
        now = clock.now()
        found.answer = api.refund(found.body, carts.refund(found.body, now=now))
        found.refunded_at = now
        found.save()
    return redirect("simulator:order", number)


def tell(order: ShopOrder) -> None:
    """Tell the API of the order; an API that is down is told later by hand."""
    try:
        order.answer = api.place(order.body)
        order.told_at = clock.now()
    except api.ApiError as error:
        order.answer = {"status": "failed", "message": str(error)}
    order.save()


def _frame(request: HttpRequest) -> dict[str, Any]:
    pieces = carts.quantities(request)
    return {
        "public_url": settings.PUBLIC_URL,
        "in_cart": sum(pieces.values()),
        "pieces": json.dumps(pieces),
        "customer": accounts.customer(request),
        "member_token": accounts.token(request),
    }
