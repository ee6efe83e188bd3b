"""What was said: settled talks, and the customers who wait for an answer now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from apps.conversations.models import Conversation, Message
from config.demo import brand
from config.demo.people import Customer
from config.demo.places import Places

TALKERS = 160  # of a batch


@dataclass
class Awaited:
    """Who waits for an answer in the story and has not come up yet."""

    named: dict[str, tuple[int, tuple[str, ...]]] = field(
        default_factory=lambda: {
            name: (minutes, said) for name, minutes, said in brand.WAITING
        }
    )
    unbound: Iterator[tuple[int, str]] = field(
        default_factory=lambda: iter(brand.UNBOUND)
    )


def build(
    random: Random,
    places: Places,
    customers: Sequence[Customer],
    awaited: Awaited,
    *,
    now: datetime,
) -> None:
    """Make the conversations of the batch's first customers that have LINE."""
    talks: list[tuple[Conversation, list[Message]]] = []
    friends = [customer for customer in customers if customer.line_user_id]
    for customer in friends[:TALKERS]:
        if customer.lead:
            minutes, said = next(awaited.unbound, (0, ""))
            if not said:
                continue
            talk = _waiting(places, customer, minutes, (said,), now=now)
        elif customer.name in awaited.named:
            minutes, lines = awaited.named.pop(customer.name)
            old = _settled(random, places, customer, now=now)
            talk = _waiting(places, customer, minutes, lines, now=now, before=old)
        elif customer.staff is not None:
            talk = _settled(random, places, customer, now=now)
        else:
            continue
        talks.append(talk)
    Conversation.objects.bulk_create([conversation for conversation, _said in talks])
    Message.objects.bulk_create(message for _talk, said in talks for message in said)


def _conversation(places: Places, customer: Customer, at: datetime) -> Conversation:
    return Conversation(
        account=places.account,
        member_id=customer.pk,
        address=customer.line_user_id,
        desk="staff" if customer.staff else "hq",
        staff=customer.staff,
        store_id=customer.store_id if customer.staff else None,
        desk_reason="bound" if customer.staff else "unbound",
        last_message_at=at,
        created_at=at - timedelta(days=30),
    )


def _settled(
    random: Random, places: Places, customer: Customer, *, now: datetime
) -> tuple[Conversation, list[Message]]:
    talk = random.choice(brand.TALKS)
    at = now - timedelta(hours=random.uniform(20, 24 * 45))
    conversation = _conversation(places, customer, at)
    said = []
    for speaker, text in talk:
        at += timedelta(minutes=random.uniform(1, 9))
        said.append(_message(places, conversation, customer, speaker, text, at))
    conversation.last_message_at = at
    conversation.preview = talk[-1][1]
    conversation.is_answered = True
    return conversation, said


def _waiting(
    places: Places,
    customer: Customer,
    minutes: int,
    lines: Sequence[str],
    *,
    now: datetime,
    before: tuple[Conversation, list[Message]] | None = None,
) -> tuple[Conversation, list[Message]]:
    since = now - timedelta(minutes=minutes)
    conversation, said = before or (_conversation(places, customer, since), [])
    for place, text in enumerate(lines):
        at = since + timedelta(seconds=20 * place)
        said.append(_message(places, conversation, customer, "c", text, at))
    conversation.last_message_at = since
    conversation.waiting_since = since
    conversation.unread = len(lines)
    conversation.preview = lines[-1]
    conversation.is_answered = bool(before)
    return conversation, said


def _message(
    places: Places,
    conversation: Conversation,
    customer: Customer,
    speaker: str,
    text: str,
    at: datetime,
) -> Message:
    is_customer = speaker == "c"
    return Message(
        conversation=conversation,
        account=places.account,
        direction="in" if is_customer else "out",
        text=text,
        external_id=f"demo-{customer.pk}-{at.timestamp():.0f}" if is_customer else None,
        staff=None if is_customer else customer.staff,
        at=at,
    )
