"""Take what a stranger leaves in the public form: a contact, an interest, a wish."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from apps.core.errors import Refused
from apps.members import phones
from apps.members.models import Consent, Inquiry, Member
from apps.members.services import consents
from apps.members.services.identification import CustomerKeys
from apps.members.services.leads import capture_lead
from apps.stores.models import Store

SALT = "apps.members.inquiry"
ENTRY = "form"
WORD = re.compile(r"[a-z0-9][a-z0-9_-]{0,19}")
HOUR = timedelta(hours=1)
MOST_AN_HOUR = 5


@dataclass(frozen=True)
class InquiryIn:
    """What was written; a telephone or an e-mail has to be there."""

    name: str
    interest: str
    phone: str = ""
    email: str = ""
    note: str = ""
    store: Store | None = None
    source: str = ""  # the word of the link
    line_user_id: str = ""


def source_of(word: str) -> str:
    """Return the word of a link as it is kept; what is no word is "form"."""
    plain = word.strip().lower()
    return plain if WORD.fullmatch(plain) else ENTRY


@transaction.atomic
def inquire(said: InquiryIn, *, address: str, now: datetime) -> Inquiry:
    """Keep the inquiry, of whomever it is: a member, a lead, or a new lead.

    Nothing that the answer says tells whether the person was known. Who agrees to be
    answered agrees to the channel that they named, as long as they are no member.
    `address` is where it came from, empty for a machine that vouches for it. Refused:
    "phone", "no_contact", "often" after five an hour from the address.
    """
    if said.phone:
        phones.normal(said.phone)
    elif not said.email.strip():
        raise Refused("no_contact", _("請留手機或電子郵件，我們才能回覆您"))
    sender = (
        salted_hmac(SALT, address, algorithm="sha256").hexdigest() if address else ""
    )
    _slow_down(sender, now=now)
    member = capture_lead(
        CustomerKeys(
            name=said.name,
            phone=said.phone,
            email=said.email,
            line_user_id=said.line_user_id,
        ),
        interest=said.interest, note=said.note, source=ENTRY, store=said.store, now=now,
    )  # fmt: skip
    _agree(member, said, now=now)
    return Inquiry.objects.create(
        member=member,
        name=said.name.strip()[:60],
        phone=phones.parsed(said.phone) or "",
        email=said.email.strip().lower()[:254],
        interest=said.interest.strip()[:120],
        note=said.note.strip()[:300],
        source=source_of(said.source),
        store=said.store,
        notice=consents.NOTICE,
        sender=sender,
        at=now,
    )


def _sender(address: str) -> str:
    if not address:
        return ""
    return salted_hmac(SALT, address, algorithm="sha256").hexdigest()


def _slow_down(sender: str, *, now: datetime) -> None:
    """Let one at a time come from an address, and few an hour."""
    if not sender:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [sender]
        )
    lately = Inquiry.objects.filter(sender=sender, at__gt=now - HOUR)
    if lately.count() >= MOST_AN_HOUR:
        raise Refused(
            "often", _("剛才送出很多次了，請一小時後再試，或直接傳訊息給我們")
        )


def _agree(member: Member, said: InquiryIn, *, now: datetime) -> None:
    """Write down that a lead wants to be answered, where they said how to reach them.

    What a member agreed to is for the member to say, signed in.
    """
    if member.stage != Member.Stage.LEAD:
        return
    channels = {Consent.Channel.PHONE: said.phone, Consent.Channel.EMAIL: said.email}
    consents.say_all(
        member,
        [channel for channel, contact in channels.items() if contact.strip()],
        Consent.Purpose.SERVICE,
        is_granted=True,
        source=Consent.Source.LEAD,
        now=now,
    )
