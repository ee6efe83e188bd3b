"""What is written to a customer: text, goods, notes; and what it will cost."""

from __future__ import annotations

import uuid

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.catalog.models import Product
from apps.conversations import services
from apps.conversations.models import Conversation, Message
from apps.core import clock
from apps.messaging import services as messaging
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import announce, page, wants_fragment

LONGEST = 5_000  # UTF-16 units, LINE's limit of a text
SHOWN = 24


class TextForm(forms.Form):
    """A text to send, with the id the browser gave it."""

    text = forms.CharField(
        max_length=LONGEST, error_messages={"required": gettext_lazy("還沒有寫字")}
    )
    client_id = forms.UUIDField(required=False)


class ProductForm(forms.Form):
    """A product to send, with the id the browser gave the message."""

    product = forms.ModelChoiceField(Product.objects.filter(is_active=True))
    client_id = forms.UUIDField(required=False)


@require_POST
@may("conversations.reply")
def messages(request: StaffRequest, pk: int) -> HttpResponse:
    """Send a text or a product to the customer; a second click is the same message."""
    conversation = _open(request, pk)
    form = (ProductForm if "product" in request.POST else TextForm)(request.POST)
    if not form.is_valid():
        return page(request, "desk/_refused.html", {"form": form}, status=422)
    message = services.reply(
        conversation,
        text=form.cleaned_data.get("text", ""),
        product=form.cleaned_data.get("product"),
        client_id=form.cleaned_data["client_id"] or uuid.uuid4(),
        by=request.staff,
        now=clock.now(),
    )
    return _sent(request, message)


@require_POST
@may("conversations.reply")
def notes(request: StaffRequest, pk: int) -> HttpResponse:
    """Keep a note that the customer never sees."""
    conversation = _open(request, pk)
    form = TextForm(request.POST)
    if not form.is_valid():
        return page(request, "desk/_refused.html", {"form": form}, status=422)
    services.note(
        conversation, form.cleaned_data["text"], by=request.staff, now=clock.now()
    )
    if wants_fragment(request):
        return announce(HttpResponse(status=204), "live:message")
    return redirect("desk:conversation", pk=pk)


@require_GET
@may("conversations.reply")
def products(request: StaffRequest, pk: int) -> HttpResponse:
    """Offer the goods to pick from."""
    search = request.GET.get("q", "").strip()[:60]
    found = Product.objects.on_sale().matching(search).select_related("category")
    context = {
        "conversation": _open(request, pk),
        "found": found[:SHOWN],
        "search": search,
    }
    return page(request, "desk/products.html", context, fragment=("picker", "found"))


@require_GET
@may("conversations.reply")
def price(request: StaffRequest, pk: int) -> HttpResponse:
    """Say what the next message costs: nothing while a reply token lives."""
    conversation = _open(request, pk)
    cost = messaging.price(
        conversation.account, reply_until=conversation.reply_until, now=clock.now()
    )
    return page(
        request, "desk/_price.html", {"price": cost, "conversation": conversation}
    )


@require_http_methods(["POST"])
@may("conversations.reply")
def sending(request: StaffRequest, pk: int) -> HttpResponse:
    """Try a message again that was not sent; it can never arrive twice."""
    message = get_object_or_404(Message, pk=pk)
    _open(request, message.conversation_id)
    return _sent(request, services.resend(message, by=request.staff, now=clock.now()))


def _open(request: StaffRequest, pk: int) -> Conversation:
    scope = Conversation.objects.visible_to(request.staff)
    return get_object_or_404(scope.select_related("account", "member"), pk=pk)


def _sent(request: StaffRequest, message: Message) -> HttpResponse:
    if not wants_fragment(request):
        return redirect("desk:conversation", pk=message.conversation_id)
    answer = page(request, "desk/_sent.html", {"message": message})
    return announce(answer, "message-written")
