"""What the customer agreed to hear: off for one channel or all, and back on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from apps.core import clock
from apps.members import services as members
from apps.members.models import Consent
from apps.members.reports import consent_lines
from apps.shopper import brand, signin
from apps.shopper.refusals import friendly
from apps.shopper.session import customer_of
from apps.staff.access import open_to_all

ALL = "all"


@open_to_all
@require_GET
@friendly
def index(request: HttpRequest) -> HttpResponse:
    """Show each channel with its answer and since when it stands."""
    customer = customer_of(request)
    if customer is None:
        return signin.start(signin.CONSENTS)
    lines = consent_lines(customer.member)
    context = {
        "lines": lines,
        "any_on": any(line.is_on for line in lines),
        "version": members.NOTICE,
        "ticket": customer.ticket,
    }
    return brand.show(request, "shopper/consents.html", context)


@open_to_all
@require_POST
@friendly
def say(request: HttpRequest) -> HttpResponse:
    """Write the customer's word for one channel, or for all of them."""
    customer = customer_of(request)
    if customer is not None:
        channel = request.POST.get("channel", "")
        members.say_all(
            customer.member,
            Consent.Channel.values if channel == ALL else [channel],
            Consent.Purpose.MARKETING,
            is_granted=request.POST.get("answer") == "yes",
            source=Consent.Source.MEMBER_PAGE,
            now=clock.now(),
        )
    return redirect("shopper:consents")
