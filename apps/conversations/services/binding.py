"""A customer gets their salesperson: by message, at the counter, and the welcome."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from apps.channels.line import messages as line
from apps.conversations.models import Conversation, Message
from apps.conversations.rules import incoming
from apps.conversations.services import threads
from apps.core.errors import Refused
from apps.members import services as members
from apps.members.models import Binding, Identity, Member
from apps.staff.models import Staff

WELCOMES = uuid.UUID("7b0f1f2e-5f0c-4f57-9a49-5f6f6f3a0e11")


@dataclass(frozen=True)
class Answer:
    """What a message with a binding token came to: a code, and words for the person."""

    code: str
    words: str
    binding: Binding | None = None


def by_message(identity: Identity, token: str, *, now: datetime) -> Answer:
    """Bind whom the token in a message names, and return what to answer.

    The codes are those of `members.bind` ("bound", "already", "replaced", "kept") and
    of its refusals ("forged", "revoked", "inactive").
    """
    try:
        code = members.read_token(token, now=now)
        outcome = members.bind(
            identity.member, code.staff, code.store,
            source=Binding.Source.MESSAGE, now=now, code=code,
        )  # fmt: skip
    except Refused as refused:
        return Answer(refused.code, refused.message)
    words = _words(outcome.kind, outcome.binding)
    return Answer(outcome.kind, words, outcome.binding)


def answer(conversation: Conversation, given: Answer, *, now: datetime) -> None:
    """Tell the person what their message with a token came to.

    A new bond is answered by the welcome, from the salesperson's face.
    """
    if given.code in ("bound", "replaced") and given.binding is not None:
        follow_binding(conversation.member, now=now)
        welcome(conversation.member, given.binding, now=now)
        return
    staff = given.binding.staff if given.binding else None
    conversation = threads.lock(conversation)
    say(conversation, given.words, staff=staff, reason=given.code, now=now)


@transaction.atomic
def follow_binding(member: Member, *, now: datetime) -> None:
    """Lay the member's conversations on the desk of the bond that holds now.

    A customer bound before the first word gets a conversation, so that it stands in
    the salesperson's list.
    """
    identity = members.line_identity(member)
    if identity is not None:
        threads.hold(identity, now=now)
    bond = members.current_binding(member)
    for conversation in Conversation.objects.filter(member=member).order_by("pk"):
        _follow(threads.lock(conversation), bond, now=now)


@transaction.atomic
def welcome(member: Member, binding: Binding, *, now: datetime) -> Message | None:
    """Greet the member once a bond, from the salesperson's own face.

    By the reply token while it lives. A person who is no friend yet cannot be written
    to: the follow event calls again. Returns the message, None where none was sent.
    """
    identity = members.line_identity(member)
    if identity is None:
        return None
    conversation = threads.hold(identity, now=now)
    client_id = uuid.uuid5(WELCOMES, str(binding.pk))
    if Message.objects.filter(client_id=client_id).exists():
        return None
    if not is_reachable(conversation, identity, now=now):
        return None
    return say(
        conversation,
        _words("bound", binding),
        staff=binding.staff,
        reason="welcome",
        now=now,
        client_id=client_id,
    )


def say(
    conversation: Conversation,
    words: str,
    *,
    staff: Staff | None,
    reason: str,
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> Message:
    """Send what no person wrote; no wait ends by it. The caller holds the lock."""
    said = [line.text(words, sender_of(staff))]
    delivery = threads.enqueue(conversation, said, now=now)
    message = Message.objects.create(
        conversation=conversation,
        account_id=conversation.account_id,
        direction=Message.Direction.OUT,
        text=words,
        facts={"auto": reason},
        staff=staff,
        client_id=client_id,
        delivery=delivery,
        at=now,
    )
    conversation.last_message_at = max(conversation.last_message_at, now)
    if conversation.waiting_since is None:  # else the list tells what is unanswered
        conversation.preview = words[: incoming.PREVIEW_LENGTH]
        conversation.preview_kind = Message.Kind.TEXT
        conversation.is_answered = True
    conversation.save()
    threads.announce(conversation, message)
    return message


def sender_of(staff: Staff | None) -> line.Sender | None:
    """Return the name and face the bubble shows; the account's own where LINE refuses.

    A name that holds the word LINE may not be shown as a sender.
    """
    if staff is None or staff.is_hq:
        return None
    try:
        return line.Sender(staff.name, f"{settings.PUBLIC_URL}/faces/{staff.pk}.png")
    except Refused:
        return None


def _follow(conversation: Conversation, bond: Binding | None, *, now: datetime) -> None:
    threads.lay(conversation, now=now, keep_holder=False)
    last = conversation.messages.filter(
        facts__event__in=["bound", "unbound"]
    ).order_by("-at", "-pk").first()  # fmt: skip
    told = last.facts.get("binding", "") if last else ""
    if bond is not None and told != str(bond.pk):
        threads.add_event(
            conversation, "bound", at=now, binding=str(bond.pk),
            staff=bond.staff.name, store=bond.store.name,
        )  # fmt: skip
    elif bond is None and last is not None and last.facts["event"] == "bound":
        threads.add_event(conversation, "unbound", at=now)
    conversation.save()
    threads.announce(conversation)


def is_reachable(
    conversation: Conversation, identity: Identity, *, now: datetime
) -> bool:
    """Tell whether LINE lets the account write to the person now."""
    if conversation.is_blocked or identity.friend == Identity.Friend.BLOCKED:
        return False
    if identity.friend == Identity.Friend.FRIEND:
        return True
    until = conversation.reply_until
    return (
        bool(until and until > now)
        or conversation.messages.filter(direction=Message.Direction.IN).exists()
    )


def _words(kind: str, binding: Binding) -> str:
    facts = {
        "staff": binding.staff.label,
        "store": binding.store.label,
        "greeting": binding.staff.greeting
        or _("有任何想找的、想問的，直接傳訊息給我就可以。"),
    }
    if kind == "already":
        return _("您已經由%(store)s的%(staff)s服務，直接傳訊息就可以。") % facts
    if kind == "kept":
        return _("您目前由%(store)s的%(staff)s服務。想更換請傳訊息告訴我們。") % facts
    return _("您好，我是%(store)s的%(staff)s，之後由我為您服務。%(greeting)s") % facts
