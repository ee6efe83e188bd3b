"""What an account may ask about itself and its friends: profile, quota, webhook."""

import re
from datetime import datetime, timedelta
from typing import Any

import httpx
from django.core import signing
from django.db.models import Q
from django.http import JsonResponse

from apps.core import clock
from apps.simulator import webhooks_out
from apps.simulator.models import ChatMessage, Friendship, OfficialAccount, UsageDay
from apps.simulator.platform.answers import LineError, Problem, invalid, not_found
from apps.simulator.platform.endpoint import Answer, Call, endpoint
from apps.simulator.services import sending
from apps.simulator.services.events import READ_SALT

WEBHOOK_URL = re.compile(r"https://\S+|http://(127\.0\.0\.1|localhost|\[::1\])\S*")
LOADING_DEFAULT = 20
FOLLOWERS_DEFAULT, FOLLOWERS_MOST = 300, 1000


@endpoint("profile")
def profile(call: Call, user_id: str) -> Answer:
    """Tell name and picture of a friend, or of one who wrote and did not block."""
    known = Q(state=Friendship.State.FRIEND)
    known |= Q(state=Friendship.State.NONE, wrote_at__isnull=False)
    friendship = (
        Friendship.objects.filter(known, account=call.account, person__user_id=user_id)
        .select_related("person")
        .first()
    )
    if friendship is None:
        raise not_found()
    person = friendship.person
    facts = {"displayName": person.name, "userId": person.user_id}
    optional = {
        "language": person.language,
        "pictureUrl": person.picture_url,
        "statusMessage": person.status_message,
    }
    return facts | {key: value for key, value in optional.items() if value}


@endpoint("followers")
def followers(call: Call) -> Answer:
    """List the ids of friends, in pages."""
    limit = _number(call, "limit", FOLLOWERS_DEFAULT, FOLLOWERS_MOST)
    start = _number(call, "start", 0, 1 << 60)
    friends = Friendship.objects.filter(
        account=call.account, state=Friendship.State.FRIEND, pk__gt=start
    ).order_by("pk")
    found = list(friends.values_list("pk", "person__user_id")[: limit + 1])
    answer: dict[str, Any] = {"userIds": [user_id for _, user_id in found[:limit]]}
    if len(found) > limit:
        answer["next"] = str(found[limit - 1][0])
    return answer


@endpoint("info")
def info(call: Call) -> Answer:
    """Tell who the account is."""
    account = call.account
    facts = {
        "userId": account.bot_user_id,
        "basicId": account.basic_id,
        "displayName": account.name,
        "chatMode": "chat" if account.chat_is_on else "bot",
        "markAsReadMode": "manual" if account.chat_is_on else "auto",
    }
    if account.picture_url:
        facts["pictureUrl"] = account.picture_url
    return facts


@endpoint("quota")
def quota(call: Call) -> Answer:
    """Tell how many people may be written to this month."""
    if call.account.monthly_quota is None:
        return {"type": "none"}
    return {"type": "limited", "value": call.account.monthly_quota}


@endpoint("quota.consumption")
def consumption(call: Call) -> Answer:
    """Tell how much of the month's quota is used."""
    return {"totalUsage": sending.month_usage(call.account, now=call.now)}


@endpoint("delivery")
def delivered(call: Call, via: str) -> Answer:
    """Tell how many messages went out on a day (of Japan), from the next day on."""
    try:
        day = datetime.strptime(call.request.GET.get("date", ""), "%Y%m%d").date()  # noqa: DTZ007 (a day)
    except ValueError as error:
        raise invalid([Problem("Invalid date format", "date")]) from error
    today_in_japan = clock.day_of(call.now + timedelta(hours=1))
    if day >= today_in_japan:
        return {"status": "unready"}
    sent = UsageDay.objects.filter(account=call.account, day=day, via=via)
    return {"status": "ready", "success": sum(sent.values_list("sent", flat=True))}


@endpoint("loading", schema="ShowLoadingAnimationRequest")
def loading(call: Call) -> Answer:
    """Show the dots in the chat for some seconds."""
    seconds = call.body.get("loadingSeconds", LOADING_DEFAULT)
    if seconds not in range(5, 61, 5):
        message = "must be a multiple of 5 between 5 and 60"
        raise invalid([Problem(message, "loadingSeconds")])
    Friendship.objects.filter(
        account=call.account, person__user_id=call.body["chatId"]
    ).update(loading_until=call.now + timedelta(seconds=seconds))
    return JsonResponse({}, status=202)


@endpoint("markAsRead", schema="MarkMessagesAsReadByTokenRequest")
def mark_as_read(call: Call) -> Answer:
    """Show 已讀 at everything up to the message of the token."""
    try:
        pk = signing.loads(call.body["markAsReadToken"], salt=READ_SALT)
    except signing.BadSignature as error:
        raise LineError(400, "Invalid markAsReadToken") from error
    message = ChatMessage.objects.filter(pk=pk, account=call.account).first()
    if message is None:
        raise LineError(400, "Invalid markAsReadToken")
    ChatMessage.objects.filter(
        account=call.account,
        person=message.person_id,
        via=ChatMessage.Via.USER,
        pk__lte=message.pk,
        read_at=None,
    ).update(read_at=call.now)
    return {}


@endpoint("webhook.get")
def webhook(call: Call) -> Answer:
    """Tell where the webhooks go."""
    account = call.account
    if not account.webhook_url:
        raise not_found()
    return {"endpoint": account.webhook_url, "active": account.webhook_active}


@endpoint("webhook.set", schema="SetWebhookEndpointRequest")
def set_webhook(call: Call) -> Answer:
    """Change where the webhooks go."""
    _check_webhook(call.body["endpoint"])
    accounts = OfficialAccount.objects.filter(pk=call.account.pk)
    accounts.update(webhook_url=call.body["endpoint"])
    return {}


@endpoint("webhook.test", schema="TestWebhookEndpointRequest")
def test_webhook(call: Call) -> Answer:
    """Send a webhook without events and tell how it was answered."""
    url = call.body.get("endpoint") or call.account.webhook_url
    _check_webhook(url)
    with httpx.Client(timeout=webhooks_out.TIMEOUT) as client:
        outcome = webhooks_out.post(call.account, [], client, url=url)
    return {
        "success": not outcome.reason,
        "timestamp": call.now.isoformat(timespec="milliseconds"),
        "statusCode": outcome.status,
        "reason": outcome.reason.upper() or "OK",
        "detail": str(outcome.status or outcome.reason),
    }


def _check_webhook(url: str) -> None:
    if not WEBHOOK_URL.fullmatch(url):
        raise invalid([Problem("Invalid webhook endpoint URL", "endpoint")])


def _number(call: Call, name: str, default: int, most: int) -> int:
    given = call.request.GET.get(name, "")
    if not given:
        return default
    if not given.isdigit() or int(given) > most:
        raise invalid([Problem("Invalid value", name)])
    return int(given)
