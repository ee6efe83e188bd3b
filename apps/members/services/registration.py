"""Make a lead a member: consent with its proof, and the telephone number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core.errors import Refused
from apps.members import phones
from apps.members.models import Conflict, Consent, Identity, Member
from apps.members.services import aliases, conflicts, leads, steps
from apps.members.services.consents import NOTICE
from apps.stores.models import Store


def register(
    member: Member,
    *,
    name: str,
    phone: str,
    consents: Mapping[str, bool],
    source: str,
    now: datetime,
    channel: str = "line",
    notice: str = NOTICE,
    store: Store | None = None,
) -> Member:
    """Register the member; doing it twice changes nothing.

    `consents` maps a purpose to yes or no; an empty `phone` leaves the number for
    later. A number that is somebody else's is never taken and nobody is merged:
    Refused "phone_taken", and the pair is kept for HQ to review. Refused also:
    "terms", "phone".
    """
    try:
        with transaction.atomic():
            return _register(
                member, name=name, phone=phone, consents=consents, source=source,
                now=now, channel=channel, notice=notice, store=store,
            )  # fmt: skip
    except _PhoneTaken as taken:
        kinds = tuple(set(member.identities.values_list("kind", flat=True)))
        said = conflicts.Said(member.pk, taken.owner_id, kinds, (Identity.Kind.PHONE,))
        conflicts.note([said], source=Conflict.Source.REGISTRATION, now=now)
        raise


class _PhoneTaken(Refused):
    """The number is `owner_id`'s."""

    def __init__(self, owner_id: int) -> None:
        super().__init__(
            "phone_taken",
            _("這支手機已經有會員資料。先不填手機也能綁定，店員會幫您把資料找回來。"),
        )
        self.owner_id = owner_id


def _register(
    member: Member,
    *,
    name: str,
    phone: str,
    consents: Mapping[str, bool],
    source: str,
    now: datetime,
    channel: str,
    notice: str,
    store: Store | None,
) -> Member:
    pk = aliases.follow(member).pk
    member = Member.objects.select_for_update(no_key=True).get(pk=pk)
    _keep_consents(member, consents, channel, source, notice, now)
    if phone:
        _take_phone(member, phones.normal(phone), now)
    changed = ["name", "phone", "stage", "registered_at", "home_store"]
    member.name = name.replace("\x00", "").strip()[:60] or member.name
    member.home_store = member.home_store or store
    is_new = member.stage != Member.Stage.REGISTERED
    if is_new:
        member.stage, member.registered_at = Member.Stage.REGISTERED, now
    member.save(update_fields=changed)
    if is_new:
        leads.convert(member, now=now)
        audit.record("member.registered", member, by=None, now=now, source=source)
    steps.note([member.pk], now=now)
    return member


def _keep_consents(
    member: Member,
    consents: Mapping[str, bool],
    channel: str,
    source: str,
    notice: str,
    now: datetime,
) -> None:
    """Write what is new: a first answer, and every yes after a no.

    A box that is left unticked takes back nothing: a withdrawal is its own act.
    """
    said = dict(
        member.consents.filter(channel=channel)
        .order_by("at", "pk")
        .values_list("purpose", "is_granted")
    )
    terms = Consent.Purpose.TERMS
    if not (consents.get(terms) or said.get(terms)):
        raise Refused("terms", _("要先同意會員條款與個人資料告知，才能成為會員。"))
    Consent.objects.bulk_create(
        Consent(
            member=member,
            channel=channel,
            purpose=purpose,
            is_granted=is_granted,
            source=source,
            notice=notice,
            at=now,
        )
        for purpose, is_granted in consents.items()
        if purpose not in said or (is_granted and not said[purpose])
    )


def _take_phone(member: Member, number: str, now: datetime) -> None:
    key = {
        "kind": Identity.Kind.PHONE, "account": None, "system": "", "value": number,
    }  # fmt: skip
    identity, _made = Identity.objects.get_or_create(
        **key, defaults={"member": member, "created_at": now}
    )
    if identity.member_id != member.pk:
        raise _PhoneTaken(identity.member_id)
    member.phone = number
