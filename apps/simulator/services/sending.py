"""What an account sends: retry keys, the quota, who is reached, the bubbles.

The rules are LINE's: a blocked person is passed over in silence and costs nothing,
the quota counts people and not bubbles, and a retry key seen within a day is
answered with what was sent the first time.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from apps.core import clock
from apps.simulator.models import (
    AcceptedRequest,
    ChatMessage,
    Friendship,
    OfficialAccount,
    Person,
    ReplyToken,
    UsageDay,
    UsageMonth,
)

KEY_LIVES = timedelta(hours=24)
STRANGER_REACHABLE = timedelta(days=7)
QUOTABLE = {"text", "textV2", "sticker", "image", "video", "template", "flex"}


class AlreadyAcceptedError(Exception):
    """The retry key was accepted before; `earlier` is that request."""

    def __init__(self, earlier: AcceptedRequest) -> None:
        super().__init__(str(earlier.key))
        self.earlier = earlier


class MonthlyLimitError(Exception):
    """The plan does not allow as many people this month."""


class ReplyTokenError(Exception):
    """The reply token is unknown, used or too old."""


@dataclass(frozen=True)
class Sending:
    """One accepted request: what to send, how, and under which ids."""

    account: OfficialAccount
    messages: Sequence[dict[str, Any]]
    via: ChatMessage.Via
    request_id: str
    now: datetime
    retry_key: uuid.UUID | None = None


@transaction.atomic
def send(sending: Sending, people: Sequence[Person]) -> list[dict[str, str]]:
    """Send to the people who can be reached; return the ids of the sent messages.

    Raises AlreadyAcceptedError, MonthlyLimitError.
    """
    accepted = _claim_key(sending)
    reached = list(_reachable(sending, people))
    if sending.via != ChatMessage.Via.REPLY:
        _spend(sending.account, len(reached), now=sending.now)
    written = _write(sending, reached)
    _count(sending, len(reached) * len(sending.messages))
    shown = written[: len(sending.messages)] or _rows(sending, people[:1])
    sent = [_sent(message) for message in shown]
    if accepted:
        accepted.sent_messages = sent
        accepted.save(update_fields=["sent_messages"])
    return sent


@transaction.atomic
def answer(sending: Sending, token: str) -> list[dict[str, str]]:
    """Send in answer to a reply token, which is used up by it; free of charge."""
    live = ReplyToken.objects.filter(
        token=token,
        account=sending.account,
        used_at=None,
        valid_until__gt=sending.now,
    )
    if not live.update(used_at=sending.now):
        raise ReplyTokenError(token)
    person = Person.objects.get(replytoken__token=token)
    return send(sending, [person])


def month_usage(account: OfficialAccount, *, now: datetime) -> int:
    """Return how many people were written to this month, of the plan's allowance."""
    month = UsageMonth.objects.filter(account=account, month=clock.month_of(now))
    return sum(month.values_list("used", flat=True))


def _claim_key(sending: Sending) -> AcceptedRequest | None:
    if sending.retry_key is None:
        return None
    keys = AcceptedRequest.objects.filter(
        account=sending.account, key=sending.retry_key
    )
    keys.filter(accepted_at__lte=sending.now - KEY_LIVES).delete()
    accepted, is_new = AcceptedRequest.objects.get_or_create(
        account=sending.account,
        key=sending.retry_key,
        defaults={"request_id": sending.request_id, "accepted_at": sending.now},
    )
    if not is_new:
        raise AlreadyAcceptedError(accepted)
    return accepted


def _reachable(sending: Sending, people: Sequence[Person]) -> QuerySet[Friendship]:
    """Friends; and, except for multicast, who wrote within seven days."""
    friends = Q(state=Friendship.State.FRIEND)
    if sending.via != ChatMessage.Via.MULTICAST:
        wrote = sending.now - STRANGER_REACHABLE
        friends |= Q(state=Friendship.State.NONE, wrote_at__gt=wrote)
    found = Friendship.objects.filter(account=sending.account, person__in=people)
    return found.filter(friends).select_related("person").order_by("pk")


def _spend(account: OfficialAccount, count: int, *, now: datetime) -> None:
    """Take the people off the month's allowance, in one statement: no race."""
    if not count:
        return
    month = clock.month_of(now)
    UsageMonth.objects.bulk_create(
        [UsageMonth(account=account, month=month)], ignore_conflicts=True
    )
    usage = UsageMonth.objects.filter(account=account, month=month)
    if account.monthly_quota is not None:
        usage = usage.filter(used__lte=account.monthly_quota - count)
    if not usage.update(used=F("used") + count):
        raise MonthlyLimitError(account.slug)


def _write(sending: Sending, reached: Sequence[Friendship]) -> list[ChatMessage]:
    written = ChatMessage.objects.bulk_create(
        _rows(sending, [friendship.person for friendship in reached])
    )
    Friendship.objects.filter(pk__in=[friendship.pk for friendship in reached]).update(
        last_at=sending.now, loading_until=None
    )
    return written


def _rows(sending: Sending, people: Sequence[Person]) -> list[ChatMessage]:
    return [
        ChatMessage(
            account=sending.account,
            person=person,
            via=sending.via,
            body=body,
            request_id=sending.request_id,
            at=sending.now,
        )
        for person in people
        for body in sending.messages
    ]


def _count(sending: Sending, sent: int) -> None:
    day = clock.day_of(sending.now)
    facts = {"account": sending.account, "day": day, "via": sending.via}
    UsageDay.objects.bulk_create([UsageDay(**facts)], ignore_conflicts=True)
    UsageDay.objects.filter(**facts).update(sent=F("sent") + sent)


def _sent(message: ChatMessage) -> dict[str, str]:
    sent = {"id": message.message_id}
    if message.kind in QUOTABLE:
        sent["quoteToken"] = message.quote_token
    return sent
