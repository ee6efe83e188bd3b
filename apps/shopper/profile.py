"""The customer's own profile: who they are, and what HQ would like to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from apps.core import clock
from apps.loyalty.models import GiftRule
from apps.loyalty.reports.gifts import promised
from apps.members import services as members
from apps.members.models import Member
from apps.members.reports import attribute_lines, edited_answers
from apps.members.rules.attributes import CUSTOMER
from apps.members.rules.profile import Progress
from apps.shopper import brand, signin
from apps.shopper.refusals import friendly
from apps.shopper.session import Customer, customer_of
from apps.staff.access import open_to_all

FIELDS = ("name", "email", "gender", "birthday")
LONGEST = 300  # characters of a field that are read at all


@dataclass(frozen=True)
class Invite:
    """How far the profile is, and what filling it in brings."""

    progress: Progress
    gift: GiftRule | None

    @property
    def is_worth_showing(self) -> bool:
        """Tell whether there is anything left to fill in."""
        return not self.progress.is_complete


def invite_of(member: Member) -> Invite:
    """Return what the card says about the profile."""
    gift = promised(member, GiftRule.Occasion.PROFILE, now=clock.now())
    return Invite(members.progress_of(member), gift)


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
@friendly
def profile(request: HttpRequest) -> HttpResponse:
    """Show the profile to its owner, and keep what they write."""
    customer = customer_of(request)
    if customer is None:
        return signin.start(signin.PROFILE)
    if request.method != "POST":
        return _show(request, customer)
    try:
        members.save_profile(
            customer.member, _said(customer.member, request.POST), now=clock.now()
        )
    except members.ProfileRefused as refusal:
        return _show(request, customer, said=request.POST, wrong=refusal.faults)
    return redirect(f"{reverse('shopper:profile')}?saved=1")


def _said(member: Member, posted: QueryDict) -> members.ProfileIn:
    own = {name: posted.get(name, "")[:LONGEST] for name in FIELDS}
    if member.birthday is not None:
        own["birthday"] = ""  # theirs to say once
    answers = edited_answers(member, posted, audience=CUSTOMER)
    return members.ProfileIn(**own, answers=answers)


def _show(
    request: HttpRequest,
    customer: Customer,
    *,
    said: QueryDict | None = None,
    wrong: Mapping[str, str] | None = None,
) -> HttpResponse:
    member, faults = customer.member, wrong or {}
    own = {name: getattr(member, name) or "" for name in FIELDS}
    typed = own if said is None else {name: said.get(name, "") for name in FIELDS}
    answers = {key.removeprefix("attr:"): why for key, why in faults.items()}
    context: dict[str, Any] = {
        "member": member,
        "typed": typed,
        "wrong": faults,
        "genders": Member.Gender.choices,
        "lines": attribute_lines(member, audience=CUSTOMER, said=said, wrong=answers),
        "invite": invite_of(member),
        "is_saved": "saved" in request.GET,
        "ticket": customer.ticket,
    }
    status = 422 if faults else 200
    return brand.show(request, "shopper/profile.html", context, status=status)
