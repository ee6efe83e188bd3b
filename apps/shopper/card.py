"""The member card, and who serves its holder."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.channels.line import login
from apps.conversations import services as conversations
from apps.core import clock
from apps.members import services as members
from apps.members.models import Binding, Identity, Member, MemberFacts
from apps.reports.rights import rights_of
from apps.shopper import barcodes, brand, signin
from apps.shopper.coupon_codes import qr
from apps.shopper.profile import invite_of
from apps.shopper.refusals import friendly
from apps.shopper.session import customer_of
from apps.shopper.wallet import wallet_of
from apps.staff.access import open_to_all


@open_to_all
@require_GET
@friendly
def card(request: HttpRequest) -> HttpResponse:
    """Show the card to its holder; somebody unknown goes through LINE first."""
    customer = customer_of(request)
    if customer is None:
        return signin.start(signin.CARD)
    member, line, now = customer.member, brand.account(), clock.now()
    binding = members.current_binding(member)
    identity = members.line_identity(member)
    context = {
        "member": member,
        "is_registered": member.stage == Member.Stage.REGISTERED,
        "binding": binding,
        "said": _came(request.GET.get("came", ""), binding),
        "barcode": barcodes.code128(member.number),
        "qr": qr(member.number),
        "number": barcodes.grouped(member.number),
        "facts": MemberFacts.objects.filter(member=member).first(),
        "rights": rights_of(member, now=now),
        "wallet": wallet_of(member, now=now),
        "is_friend": bool(identity and identity.friend == Identity.Friend.FRIEND),
        "friend_url": login.add_friend_url(line),
        "chat_url": brand.chat_url(line),
        "invite": invite_of(member),
        "ticket": customer.ticket,
    }
    return brand.show(request, "shopper/card.html", context)


@open_to_all
@require_POST
@friendly
def unbind(request: HttpRequest) -> HttpResponse:
    """End the customer's own bond."""
    customer = customer_of(request)
    if customer is None:
        return redirect("shopper:card")
    now = clock.now()
    with transaction.atomic():
        members.unbind(customer.member, by=None, now=now)
        conversations.follow_binding(customer.member, now=now)
    return redirect(f"{reverse('shopper:card')}?came=unbound")


@open_to_all
@require_GET
def terms(request: HttpRequest) -> HttpResponse:
    """Show the terms and the privacy notice that the consent names."""
    return brand.show(request, "shopper/terms.html", {"version": members.NOTICE})


def _came(kind: str, binding: Binding | None) -> str:
    """Say what has just happened."""
    if kind == "unbound" and binding is None:
        return _("已解除，之後由總部客服回覆您")
    phone = {
        "joined": _("已找回您在門市的會員資料，兩邊合而為一"),
        "added": _("手機已確認"),
        "own": _("這支手機原本就是您的"),
    }
    if kind in phone:
        return phone[kind]
    if binding is None:
        return ""
    sentences = {
        "bound": _("已綁定%(name)s"),
        "replaced": _("已更換，之後由%(name)s為您服務"),
        "already": _("%(name)s已經是您的專屬店員"),
        "kept": _("您的專屬店員仍是%(name)s"),
    }
    return sentences.get(kind, "") % {"name": binding.staff.label}
