"""Setting the stage: accounts, people, bubbles of the past, faults, passing time."""

import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F

from apps.simulator import ids
from apps.simulator.models import (
    AcceptedRequest,
    ChatMessage,
    Fault,
    Friendship,
    OfficialAccount,
    OutgoingEvent,
    Person,
    ReplyToken,
)

ACCOUNT_FIELDS = (
    "name", "hue", "picture_url", "bot_user_id", "basic_id", "channel_id",
    "channel_secret", "access_token", "login_channel_id", "login_channel_secret",
    "callback_urls", "liff_id", "liff_endpoint_url", "liff_bot_prompt",
    "webhook_url", "webhook_active",
    "redelivers", "chat_is_on", "monthly_quota", "rates",
)  # fmt: skip
PERSON_FIELDS = (
    "name", "hue", "picture_url", "status_message", "phone", "language",
)  # fmt: skip
BATCH = 1000


@transaction.atomic
def put_account(slug: str, facts: dict[str, Any]) -> OfficialAccount:
    """Make the account, or change what is given; ids that are not given are made."""
    _only(facts, ACCOUNT_FIELDS)
    account = OfficialAccount.objects.filter(slug=slug).first() or _new(slug)
    for field, value in facts.items():
        setattr(account, field, value)
    account.full_clean()
    account.save()
    return account


def account_facts(account: OfficialAccount) -> dict[str, Any]:
    """Return everything there is to know about the account, its secrets too."""
    facts = {field: getattr(account, field) for field in ACCOUNT_FIELDS}
    return {"slug": account.slug, **facts}


@transaction.atomic
def put_people(rows: Sequence[dict[str, Any]], *, now: datetime) -> int:
    """Make or change many people; `friends` is {account slug: friend|none|blocked}."""
    for row in rows:
        _only(row, (*PERSON_FIELDS, "user_id", "friends"))
    named = [_person(row) for row in rows]
    Person.objects.bulk_create(
        named,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["user_id"],
        update_fields=list(PERSON_FIELDS),
    )
    _befriend(rows, now=now)
    return len(named)


def person_facts(person: Person) -> dict[str, Any]:
    """Return a person with the friend states."""
    states = person.friendship_set.values_list("account__slug", "state")
    facts = {field: getattr(person, field) for field in PERSON_FIELDS}
    return {"user_id": person.user_id, **facts, "friends": dict(states)}


def bubble(row: ChatMessage) -> dict[str, Any]:
    """Return a bubble of a phone."""
    return {
        "account": row.account.slug,
        "message_id": row.message_id,
        "from_user": row.is_from_user,
        "via": row.via,
        "at": row.at.isoformat(),
        "message": row.body,
        "request_id": row.request_id,
        "unsent": row.unsent_at is not None,
        "read": row.read_at is not None,
    }


@transaction.atomic
def write_history(account: OfficialAccount, rows: Sequence[dict[str, Any]]) -> int:
    """Write bubbles of the past without telling the account's webhook of them."""
    user_ids = {row["user_id"] for row in rows}
    people = Person.objects.in_bulk(list(user_ids), field_name="user_id")
    bubbles = [
        ChatMessage(
            account=account,
            person=people[row["user_id"]],
            message_id=row.get("message_id") or ids.message_id(),
            via=row.get("via", "user"),
            body=row["message"],
            at=datetime.fromisoformat(row["at"]),
        )
        for row in rows
    ]
    ChatMessage.objects.bulk_create(bubbles, batch_size=BATCH, ignore_conflicts=True)
    _date_chats(account, bubbles)
    return len(bubbles)


def order_faults(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Order faults: endpoint, action, and `next` calls or a `probability`."""
    orders = body.get("faults", [body])
    made = [_fault(order) for order in orders]
    return [fault.facts() for fault in made]


def event_facts(event: OutgoingEvent) -> dict[str, Any]:
    """Return how the sending of a webhook event went."""
    return {
        "webhook_event_id": event.event_id,
        "account": event.account.slug,
        "user_id": event.person.user_id if event.person else None,
        "type": event.body["type"],
        "state": event.state,
        "attempts": event.attempts,
        "status": event.status,
        "took_ms": event.took_ms,
        "reason": event.reason,
        "event": event.body,
    }


def webhook_states() -> dict[str, int]:
    """Return how many events are in each state."""
    counted = OutgoingEvent.objects.values_list("state").annotate(Count("pk"))
    return dict(counted.order_by())


@transaction.atomic
def age(seconds: float) -> None:
    """Let tokens and retry keys grow older, as if so much time had passed."""
    span = timedelta(seconds=seconds)
    ReplyToken.objects.update(
        created_at=F("created_at") - span, valid_until=F("valid_until") - span
    )
    AcceptedRequest.objects.update(accepted_at=F("accepted_at") - span)


def _new(slug: str) -> OfficialAccount:
    number = 1_650_000_000 + zlib.crc32(slug.encode()) % 9_000_000
    return OfficialAccount(
        slug=slug,
        name=slug,
        basic_id=f"@{number % 1000:03d}{slug[:4]}",
        channel_id=str(number),
        login_channel_id=str(number + 1),
        liff_id=f"{number + 1}-{ids.secret()[:8]}",
    )


def _person(row: dict[str, Any]) -> Person:
    facts = {field: row[field] for field in PERSON_FIELDS if field in row}
    return Person(user_id=row["user_id"], **facts)


def _befriend(rows: Sequence[dict[str, Any]], *, now: datetime) -> None:
    wanted = [(row, slug) for row in rows for slug in row.get("friends", {})]
    accounts = {account.slug: account for account in OfficialAccount.objects.all()}
    people = Person.objects.in_bulk(
        [row["user_id"] for row, _ in wanted], field_name="user_id"
    )
    Friendship.objects.bulk_create(
        [
            Friendship(
                account=accounts[slug],
                person=people[row["user_id"]],
                state=Friendship.State(row["friends"][slug]),
                changed_at=now,
            )
            for row, slug in wanted
        ],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["account", "person"],
        update_fields=["state", "changed_at"],
    )


def _date_chats(account: OfficialAccount, bubbles: Sequence[ChatMessage]) -> None:
    """Give each chat the time of its latest bubble, for the order of the phones."""
    latest: dict[int, datetime] = {}
    for bubble in bubbles:
        latest[bubble.person_id] = max(
            bubble.at, latest.get(bubble.person_id, bubble.at)
        )
    chats = Friendship.objects.filter(account=account, person__in=latest)
    for chat in chats:
        chat.last_at = max(filter(None, (latest[chat.person_id], chat.last_at)))
    Friendship.objects.bulk_update(chats, ["last_at"], batch_size=BATCH)


def _fault(order: dict[str, Any]) -> Fault:
    _only(order, ("account", "endpoint", "action", "next", "probability", "seconds"))
    account = None
    if slug := order.get("account"):
        account = OfficialAccount.objects.get(slug=slug)
    return Fault.objects.create(
        account=account,
        endpoint=order.get("endpoint", "*"),
        action=Fault.Action(order["action"]),
        remaining=order.get("next"),
        per_mille=round(1000 * float(order.get("probability", 1))),
        seconds=float(order.get("seconds", 30)),
    )


def _only(facts: dict[str, Any], known: Sequence[str]) -> None:
    if unknown := sorted(set(facts) - set(known)):
        raise ValueError(f"unknown: {', '.join(unknown)}")
