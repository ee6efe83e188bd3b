"""What people do on their phones, and the events that tell the account of it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import Refused
from apps.simulator.models import (
    ChatMessage,
    Content,
    Friendship,
    OfficialAccount,
    Person,
)
from apps.simulator.services import pictures
from apps.simulator.services.events import tell, told_message

STICKERS = {"packageId": "446", "stickerResourceType": "STATIC"}


def friendship_of(account: OfficialAccount, person: Person) -> Friendship:
    """Return the friendship, locked; made if the two never met."""
    Friendship.objects.bulk_create(
        [Friendship(account=account, person=person)], ignore_conflicts=True
    )
    return Friendship.objects.select_for_update().get(account=account, person=person)


@transaction.atomic
def befriend(account: OfficialAccount, person: Person, *, now: datetime) -> bool:
    """Add the account as a friend, or unblock it; return whether that changed it."""
    friendship = friendship_of(account, person)
    if friendship.is_friend:
        return False
    was_blocked = friendship.is_blocked
    friendship.state = Friendship.State.FRIEND
    friendship.changed_at = friendship.last_at = now
    friendship.save()
    tell("follow", account, person, now=now, follow={"isUnblocked": was_blocked})
    return True


@transaction.atomic
def block(account: OfficialAccount, person: Person, *, now: datetime) -> bool:
    """Block the account; return whether that changed anything."""
    friendship = friendship_of(account, person)
    if friendship.is_blocked:
        return False
    was_friend = friendship.is_friend
    friendship.state = Friendship.State.BLOCKED
    friendship.changed_at = now
    friendship.loading_until = None
    friendship.save()
    if was_friend:
        tell("unfollow", account, person, now=now, answerable=False)
    return True


@transaction.atomic
def say(
    account: OfficialAccount, person: Person, body: dict[str, Any], *, now: datetime
) -> ChatMessage:
    """Send a message object (text, sticker, location, image) to the account."""
    message = _write(account, person, body, now=now)
    tell("message", account, person, now=now, message=told_message(message))
    return message


@transaction.atomic
def send_picture(
    account: OfficialAccount, person: Person, data: bytes, *, now: datetime
) -> ChatMessage:
    """Send a picture; the account fetches its bytes from the data host.

    Refused when the bytes are not a picture that the phone can read.
    """
    picture = pictures.shrink(data)
    body = {"type": "image", "contentProvider": {"type": "line"}}
    message = _write(account, person, body, now=now)
    Content.objects.create(
        message=message,
        data=picture.data,
        preview=picture.preview,
        content_type=picture.content_type,
    )
    tell("message", account, person, now=now, message=told_message(message))
    return message


@transaction.atomic
def post_back(
    account: OfficialAccount, person: Person, action: dict[str, Any], *, now: datetime
) -> None:
    """Tap a postback action; its `displayText` appears as the person's bubble."""
    shown = action.get("displayText") or action.get("text")
    if shown:
        _write(account, person, {"type": "text", "text": shown}, now=now)
    postback: dict[str, Any] = {"data": action["data"]}
    if params := action.get("params"):
        postback["params"] = params
    tell("postback", account, person, now=now, postback=postback)


@transaction.atomic
def unsend(message: ChatMessage, *, now: datetime) -> bool:
    """Take a message back: its text and its bytes vanish, and the account is told."""
    message = ChatMessage.objects.select_for_update().get(pk=message.pk)
    if message.unsent_at or not message.is_from_user:
        return False
    message.unsent_at = now
    message.body = {"type": message.kind}
    message.save()
    Content.objects.filter(message=message).delete()
    tell(
        "unsend",
        message.account,
        message.person,
        now=now,
        answerable=False,
        unsend={"messageId": message.message_id},
    )
    return True


def sticker(sticker_id: str) -> dict[str, Any]:
    """Return the message object of one of the phone's stickers."""
    return {"type": "sticker", "stickerId": sticker_id, **STICKERS}


def _write(
    account: OfficialAccount, person: Person, body: dict[str, Any], *, now: datetime
) -> ChatMessage:
    friendship = friendship_of(account, person)
    if friendship.is_blocked:
        raise Refused("blocked", _("你已封鎖這個官方帳號，要先解除封鎖才能傳訊息。"))
    friendship.wrote_at = friendship.last_at = now
    friendship.save()
    return ChatMessage.objects.create(
        account=account,
        person=person,
        via=ChatMessage.Via.USER,
        body=body,
        at=now,
    )
