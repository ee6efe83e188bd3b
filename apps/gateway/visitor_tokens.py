"""A token by which a shop's page says who has signed in, without saying who it is.

The shop's server obtains it for a member (`POST /api/v1/visitors/tokens`) and hands it
to the snippet. It holds a number that means nothing outside, lives for some minutes,
and may be good for one visitor only: then it is of no use to whoever else sees it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.core import signing

from apps.members.models import Member
from apps.members.services import aliases

LIVES = timedelta(minutes=15)
LONGEST = 300
_signer = signing.Signer(salt="gateway.visitor")


def make(member: Member, visitor: str, *, now: datetime) -> tuple[str, datetime]:
    """Return a token for the member and until when it is good.

    With a visitor it is good for that one alone, with "" for whichever shows it.
    """
    until = (now + LIVES).replace(microsecond=0)
    facts = [member.pk, visitor, int(until.timestamp())]
    return _signer.sign_object(facts), until


def read(token: str, visitor: str, *, now: datetime) -> Member | None:
    """Return the member whom the visitor's token names, None where it is no good."""
    try:
        member, only, until = _signer.unsign_object(token[:LONGEST])
        is_over = now > datetime.fromtimestamp(until, UTC)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if is_over or (only and only != visitor):
        return None
    found = Member.objects.filter(pk=member).first()
    return aliases.follow(found) if found else None
