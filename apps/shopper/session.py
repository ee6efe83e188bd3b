"""Who the customer is, in a signed cookie of its own; never the staff's session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from apps.members import services as members
from apps.members.models import Member

COOKIE = "member"
SALT = "apps.shopper.member"
AGE = timedelta(days=30)

TICKET_SALT = "apps.shopper.ticket"
TICKET_AGE = timedelta(minutes=60)


@dataclass(frozen=True)
class Customer:
    """A member who showed who they are; `via` is "login" or "liff"."""

    member: Member
    via: str

    @property
    def ticket(self) -> str:
        """Return what a form carries, so that it acts for whom it was shown to.

        Two people may use one browser; the cookie is only ever the last one's.
        """
        return signing.dumps(_facts(self.member, self.via), salt=TICKET_SALT)


def customer_of(request: HttpRequest) -> Customer | None:
    """Return who the request comes from: the form's ticket, else the cookie."""
    if ticket := request.POST.get("ticket", ""):
        return _read(ticket, salt=TICKET_SALT, age=TICKET_AGE)
    return _read(request.COOKIES.get(COOKIE, ""), salt=SALT, age=AGE)


def remember(response: HttpResponse, member: Member, *, via: str) -> None:
    """Let the customer's next pages know them, for thirty days."""
    response.set_cookie(
        COOKIE,
        signing.dumps(_facts(member, via), salt=SALT),
        max_age=AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _facts(member: Member, via: str) -> dict[str, Any]:
    return {"m": member.pk, "v": via}


def _read(value: str, *, salt: str, age: timedelta) -> Customer | None:
    try:
        facts = signing.loads(value, salt=salt, max_age=age)
    except signing.BadSignature:
        return None
    member = Member.objects.select_related("merged_into").filter(pk=facts["m"]).first()
    return Customer(members.follow(member), facts["v"]) if member else None
