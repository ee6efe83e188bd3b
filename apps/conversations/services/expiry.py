"""Tell members on LINE that points or coupons of theirs die soon.

HQ says how many days before, and at what hour; both are off until it does. Who did not
agree to hear of news and offers on LINE, or cannot be reached there, hears nothing. The
notice lies in the thread, but lays no conversation on top of anybody's inbox.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.channels.line import messages as line
from apps.conversations.models import Conversation, Message
from apps.core import clock
from apps.loyalty import services as loyalty
from apps.loyalty.models import LoyaltySettings
from apps.loyalty.models.notices import LATEST
from apps.loyalty.reports import telling
from apps.members import services as members
from apps.members.models import Consent, Identity
from apps.messaging import services as messaging

A_PORTION = 500
MOST_NAMED = 5  # coupons in one message
ASKED = (Consent.Channel.LINE, Consent.Purpose.MARKETING)


def tell_expiring(*, now: datetime) -> int:
    """Tell everybody once of what dies soon; return how many were written to.

    Each lot and copy once, each member at most once a day; nothing outside the hours
    that HQ settled. Harmless twice, and after being killed.
    """
    kept = LoyaltySettings.current()
    hour = now.astimezone(clock.TAIPEI).hour
    if not kept.hour <= hour <= LATEST:
        return 0
    told, last = 0, 0
    while portion := loyalty.members_to_tell(kept, after=last, most=A_PORTION, now=now):
        last = portion[-1]
        told += _tell(portion, kept, now=now)
    return told


@transaction.atomic
def _tell(portion: Collection[int], kept: LoyaltySettings, *, now: datetime) -> int:
    reached = _reached(portion)
    dying = loyalty.dying_of(list(reached), kept, now=now)
    ours = loyalty.note_told(dying, now=now)
    threads = _threads({pk: reached[pk] for pk in ours})
    rows = [(pk, reached[pk], _words(dying[pk], now=now)) for pk in sorted(ours)]
    deliveries = messaging.enqueue_many(
        [
            messaging.Push(
                account_id=identity.on_account,
                to=identity.value,
                member_id=pk,
                messages=(line.text(words),),
                topic=threads[pk].topic if pk in threads else "",
            )
            for pk, identity, words in rows
        ],
        now=now,
    )
    Message.objects.bulk_create(
        Message(
            conversation=threads[pk],
            account_id=threads[pk].account_id,
            direction=Message.Direction.OUT,
            text=words,
            facts={"auto": "expiry"},
            delivery=delivery,
            at=now,
        )
        for (pk, _identity, words), delivery in zip(rows, deliveries, strict=True)
        if pk in threads
    )
    return len(rows)


def _reached(member_ids: Collection[int]) -> dict[int, Identity]:
    """Return the LINE identity of those who agreed and are friends, the latest."""
    stands = members.consent_of(member_ids)
    agreed = [
        pk
        for pk, answers in stands.items()
        if (answer := answers.get(ASKED)) is not None and answer.is_granted
    ]
    friends = Identity.objects.filter(
        member__in=agreed, kind=Identity.Kind.LINE, friend=Identity.Friend.FRIEND,
        account__is_active=True,
    )  # fmt: skip
    return {each.member_id: each for each in friends.order_by("pk")}


def _threads(reached: Mapping[int, Identity]) -> dict[int, Conversation]:
    """Return the conversations of those identities, by member."""
    found = Conversation.objects.filter(member__in=reached)
    return {
        each.member_id: each
        for each in found
        if (reached[each.member_id].on_account, reached[each.member_id].value)
        == (each.account_id, each.address)
    }


def _words(dying: loyalty.Dying, *, now: datetime) -> str:
    today = clock.day_of(now)
    lines = [
        _("提醒您，快到期了："),
        *_of_points(dying.points, today),
        *_of_coupons(dying, today),
        f"{settings.PUBLIC_URL}/m/card/",
    ]
    return "\n".join(lines)


def _of_points(points: Mapping[date, int], today: date) -> Iterator[str]:
    for day, number in sorted(points.items()):
        yield ngettext(
            "・%(points)s 點，%(left)s", "・%(points)s 點，%(left)s", number
        ) % {"points": f"{number:,}", "left": telling.left_until(day, today)}


def _of_coupons(dying: loyalty.Dying, today: date) -> Iterator[str]:
    for copy in dying.coupons[:MOST_NAMED]:
        if copy.last_day is not None:
            yield _("・「%(name)s」，%(left)s") % {
                "name": copy.coupon.label,
                "left": telling.left_until(copy.last_day, today),
            }
    more = len(dying.coupons) - MOST_NAMED
    if more > 0:
        yield ngettext("・還有 %(n)s 張優惠券", "・還有 %(n)s 張優惠券", more) % {
            "n": more
        }
