"""Give a member the telephone they have just proved to be theirs (features A7).

Somebody the brand knows from its stores and who comes by LINE for the first time is
two records until now; the proof makes one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core.errors import Refused
from apps.members.models import Conflict, Identity, Member
from apps.members.services import conflicts, steps
from apps.members.services.identities import find_by_phone, link_key
from apps.members.services.merging import merge


class Claim(StrEnum):
    """What came of the proof."""

    JOINED = "joined"  # the record of the stores and the one of LINE are one now
    ADDED = "added"  # nobody had the number
    ALREADY = "own"


@dataclass(frozen=True)
class Claimed:
    """Whose record it is from now on, and what happened."""

    member: Member
    kind: Claim


@transaction.atomic
def claim_phone(member: Member, phone: str, *, now: datetime) -> Claimed:
    """Give the member the number (E.164), which they have proved to hold.

    Where it is of a record without LINE, that record keeps everything and takes this
    one in. Refused "phone_elsewhere" where it is of somebody with a LINE of their own:
    the pair goes to HQ's review list.
    """
    owner = find_by_phone(phone)
    if owner is None:
        link_key(member, Identity.Kind.PHONE, phone, by=None, now=now)
        member.phone = member.phone or phone
        member.save(update_fields=["phone"])
        steps.note([member.pk], now=now)
        return Claimed(member, Claim.ADDED)
    if owner.pk == member.pk:
        return Claimed(member, Claim.ALREADY)
    if owner.identities.filter(kind=Identity.Kind.LINE).exists():
        raise Refused(
            "phone_elsewhere",
            _("這支手機已經綁定另一個 LINE 帳號，請傳訊息給我們，由專人確認"),
        )
    steps.note([owner.pk], now=now)  # first: the merge keeps the giver of gifts out
    merge(owner, member, by=None, now=now)
    audit.record("member.claimed", owner, by=None, now=now, by_phone=True)
    owner.refresh_from_db()
    return Claimed(owner, Claim.JOINED)


def note_elsewhere(member: Member, phone: str, *, now: datetime) -> None:
    """Put the pair on the review list, after the refusal."""
    owner = find_by_phone(phone)
    if owner is not None and owner.pk != member.pk:
        kinds = (Identity.Kind.LINE,), (Identity.Kind.PHONE,)
        conflicts.note(
            [conflicts.Said(member.pk, owner.pk, *kinds, "OTP")],
            source=Conflict.Source.REGISTRATION,
            now=now,
        )
