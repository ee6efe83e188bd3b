"""Sending: reply, push and multicast, and their trial runs that send nothing."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpResponse, JsonResponse

from apps.simulator.models import ChatMessage, Person
from apps.simulator.platform.answers import MONTHLY, LineError, invalid
from apps.simulator.platform.endpoint import Answer, Call, endpoint
from apps.simulator.platform.limits import check_messages, check_units
from apps.simulator.services import sending
from apps.simulator.services.sending import (
    AlreadyAcceptedError,
    MonthlyLimitError,
    ReplyTokenError,
    Sending,
)

Via = ChatMessage.Via
CONFLICT = "The retry key is already accepted"


@endpoint("reply", schema="ReplyMessageRequest")
def reply(call: Call) -> Answer:
    """Answer an event by its token; free, once, within a minute."""
    if "X-Line-Retry-Key" in call.request.headers:
        raise LineError(400, "X-Line-Retry-Key is not supported for this endpoint")
    order = _order(call, Via.REPLY)
    try:
        sent = sending.answer(order, call.body["replyToken"])
    except ReplyTokenError as error:
        raise LineError(400, "Invalid reply token") from error
    return {"sentMessages": sent}


@endpoint("push", schema="PushMessageRequest")
def push(call: Call) -> Answer:
    """Send to one person; costs one of the month's quota."""
    order = _order(call, Via.PUSH)
    people = list(Person.objects.filter(user_id=call.body["to"]))
    if not people:
        raise LineError(400, "Failed to send messages")
    return _send(order, people, tells_ids=True)


@endpoint("multicast", schema="MulticastRequest")
def multicast(call: Call) -> Answer:
    """Send to up to 500 people; unknown ids are passed over in silence."""
    order = _order(call, Via.MULTICAST)
    people = list(Person.objects.filter(user_id__in=set(call.body["to"])))
    return _send(order, people, tells_ids=False)


@endpoint("validate.reply", schema="ValidateMessageRequest")
def validate_reply(call: Call) -> Answer:
    """Say whether the messages could be sent as a reply."""
    return _validated(call)


@endpoint("validate.push", schema="ValidateMessageRequest")
def validate_push(call: Call) -> Answer:
    """Say whether the messages could be pushed."""
    return _validated(call)


@endpoint("validate.multicast", schema="ValidateMessageRequest")
def validate_multicast(call: Call) -> Answer:
    """Say whether the messages could be multicast."""
    return _validated(call)


def _validated(call: Call) -> Answer:
    _check(call.body)
    return {}


def _check(body: dict[str, Any]) -> None:
    problems = check_messages(body["messages"])
    problems += check_units(body.get("customAggregationUnits"))
    if problems:
        raise invalid(problems)


def _order(call: Call, via: ChatMessage.Via) -> Sending:
    _check(call.body)
    order = Sending(
        account=call.account,
        messages=call.body["messages"],
        via=via,
        request_id=call.request_id,
        now=call.now,
    )
    key = call.request.headers.get("X-Line-Retry-Key")
    return order if key is None else replace(order, retry_key=_uuid(key))


def _uuid(key: str) -> uuid.UUID:
    try:
        return uuid.UUID(key)
    except ValueError as error:
        raise LineError(400, "Invalid retry key") from error


def _send(order: Sending, people: Sequence[Person], *, tells_ids: bool) -> HttpResponse:
    try:
        sent = sending.send(order, people)
    except MonthlyLimitError as error:
        raise LineError(429, MONTHLY) from error
    except AlreadyAcceptedError as error:
        earlier = error.earlier
        raise LineError(
            409,
            CONFLICT,
            headers={"x-line-accepted-request-id": earlier.request_id},
            extra={"sentMessages": earlier.sent_messages} if tells_ids else {},
        ) from error
    return JsonResponse({"sentMessages": sent} if tells_ids else {})
