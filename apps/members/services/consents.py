"""What members agree to, channel by channel: say it, take it back, read it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core.errors import Refused
from apps.members.models import Consent, Member
from apps.members.services import aliases, steps
from apps.staff.models import Staff

# The version of the terms and the privacy notice that `/m/terms/` shows.
NOTICE = "2026-11"
REASON = 200  # characters

Asked = tuple[str, str]  # channel and purpose


def consent_of(member_ids: Collection[int]) -> dict[int, dict[Asked, Consent]]:
    """Return each member's latest answer by channel and purpose, in one query.

    Who never answered has no entry: silence is no consent.
    """
    latest = (
        Consent.objects.filter(member__in=member_ids)
        .order_by("member", "channel", "purpose", "-at", "-pk")
        .distinct("member", "channel", "purpose")
        .select_related("said_by")
    )
    found: dict[int, dict[Asked, Consent]] = {pk: {} for pk in member_ids}
    for consent in latest:
        found[consent.member_id][consent.channel, consent.purpose] = consent
    return found


def say(
    member: Member,
    channel: str,
    purpose: str,
    *,
    is_granted: bool,
    source: str,
    by: Staff | None = None,
    reason: str = "",
    now: datetime,
) -> bool:
    """Write the member's answer for one channel; False where it stood so already.

    Refused as in `say_all`.
    """
    written = say_all(
        member, [channel], purpose, is_granted=is_granted,
        source=source, by=by, reason=reason, now=now,
    )  # fmt: skip
    return written > 0


@transaction.atomic
def say_all(
    member: Member,
    channels: Collection[str],
    purpose: str,
    *,
    is_granted: bool,
    source: str,
    by: Staff | None = None,
    reason: str = "",
    now: datetime,
) -> int:
    """Write one answer for many channels; return how many were not so already.

    `by` is the person who writes down what the member said; they give a reason.
    Refused: "unknown", "terms" (they end with the membership), "reason".
    """
    reason = reason.replace("\x00", "").strip()[:REASON]
    _check(channels, purpose, by=by, reason=reason)
    pk = aliases.hold([member.pk])[member.pk]
    member = Member.objects.select_for_update(no_key=True).get(pk=pk)
    stands = consent_of([member.pk])[member.pk]
    changed = [
        channel
        for channel in dict.fromkeys(channels)
        if (was := stands.get((channel, purpose))) is None
        or was.is_granted != is_granted
    ]
    Consent.objects.bulk_create(
        Consent(
            member=member,
            channel=channel,
            purpose=purpose,
            is_granted=is_granted,
            source=source,
            notice=NOTICE,
            said_by=by,
            reason=reason,
            at=now,
        )
        for channel in changed
    )
    if changed:
        audit.record(
            "consent.said", member, by=by, now=now, channels=changed,
            purpose=purpose, is_granted=is_granted, source=source, reason=reason,
        )  # fmt: skip
        steps.note([member.pk] if is_granted else [], now=now)
    return len(changed)


def _check(
    channels: Collection[str], purpose: str, *, by: Staff | None, reason: str
) -> None:
    known = set(Consent.Channel.values)
    if not channels or set(channels) - known or purpose not in Consent.Purpose.values:
        raise Refused("unknown", _("沒有這個管道或用途"))
    if purpose == Consent.Purpose.TERMS:
        raise Refused("terms", _("會員條款在入會時同意，不能在這裡改"))
    if by is not None and not reason:
        raise Refused("reason", _("請寫下顧客怎麼說的，例如「來電要求停止簡訊」"))
