"""What a phone shows: the person, the accounts it knows, the open chat."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Max, Prefetch, Q, QuerySet

from apps.core import clock
from apps.simulator.models import (
    ChatMessage,
    Friendship,
    OfficialAccount,
    OutgoingEvent,
    Person,
    RichMenu,
    ShortText,
)
from apps.simulator.phone import bubbles
from apps.simulator.phone.taps import Tap, tapper

PEOPLE_SHOWN = 24
EVENTS_SHOWN = 12
TEXTS_SHOWN = 3
LATEST = F("last_at").desc(nulls_last=True)


@dataclass(frozen=True)
class Chat:
    """The open chat of a phone."""

    account: OfficialAccount
    person: Person
    friendship: Friendship
    rows: list[ChatMessage]
    seen: str
    now: datetime

    @property
    def bubbles(self) -> list[bubbles.Shown]:
        """The bubbles, oldest first."""
        return bubbles.of(self.rows, tapper(self.account, self.person))

    @property
    def quick_replies(self) -> list[Tap]:
        """The buttons over the entry field."""
        return bubbles.quick_replies(self.rows, tapper(self.account, self.person))

    @property
    def is_loading(self) -> bool:
        """Whether the account lets its dots dance."""
        until = self.friendship.loading_until
        return until is not None and until > self.now

    @property
    def menu(self) -> RichMenu | None:
        """The menu below the chat: the person's own before everybody's."""
        return self.friendship.rich_menu or self.account.default_rich_menu

    @property
    def menu_areas(self) -> list[tuple[dict[str, int], Tap]]:
        """The tappable areas of the menu, with what they do."""
        tap = tapper(self.account, self.person)
        areas = self.menu.body.get("areas", []) if self.menu else []
        prepared = [(area["bounds"], tap(area.get("action"))) for area in areas]
        return [(bounds, done) for bounds, done in prepared if done]

    @property
    def version(self) -> str:
        """A text that changes when anything on the screen would."""
        menu = self.menu.pk if self.menu else 0
        return f"{self.seen}-{self.friendship.state}-{int(self.is_loading)}-{menu}"


def chat(account: OfficialAccount, person: Person) -> Chat:
    """Return the chat of a person with an account.

    What was seen is counted before the rows are read: a message that comes in between
    is then shown, and shown once more at the next poll. The other way round its
    version would stand on a page without it, which would never be asked for again.
    """
    seen = _seen(account, person)
    friendship = (
        Friendship.objects.filter(account=account, person=person)
        .select_related("rich_menu", "account__default_rich_menu")
        .first()
    ) or Friendship(account=account, person=person)
    rows = ChatMessage.objects.filter(account=account, person=person).order_by("-pk")
    latest = list(rows[: bubbles.SHOWN])[::-1]
    return Chat(account, person, friendship, latest, seen, clock.now())


def accounts_of(person: Person) -> list[OfficialAccount]:
    """Return the accounts of the world, those the person heard from last first."""
    mine = Q(friendship__person=person)
    return list(
        OfficialAccount.objects.annotate(
            last_at=Max("friendship__last_at", filter=mine)
        ).order_by(LATEST, "name")
    )


def wall(words: str) -> QuerySet[Person]:
    """Return people to choose a phone of: the busiest, or those the words name."""
    found = Person.objects.annotate(last_at=Max("friendship__last_at"))
    if words:
        found = found.filter(
            Q(name__icontains=words) | Q(user_id=words) | Q(phone__contains=words)
        )
    friendships = Friendship.objects.select_related("account")
    return found.order_by(LATEST, "name").prefetch_related(
        Prefetch("friendship_set", queryset=friendships, to_attr="friendships")
    )[:PEOPLE_SHOWN]


def latest_events(person: Person) -> list[OutgoingEvent]:
    """Return the latest webhook events about the person."""
    events = OutgoingEvent.objects.filter(person=person).order_by("-pk")
    return list(events[:EVENTS_SHOWN])


def latest_texts() -> list[ShortText]:
    """Return the short messages that were taken last, to whichever number."""
    return list(ShortText.objects.order_by("-pk")[:TEXTS_SHOWN])


def _seen(account: OfficialAccount, person: Person) -> str:
    rows = ChatMessage.objects.filter(account=account, person=person)
    facts = rows.aggregate(
        last=Max("pk"),
        unsent=Count("pk", filter=Q(unsent_at__isnull=False)),
        read=Count("pk", filter=Q(read_at__isnull=False)),
    )
    return "-".join(str(value or 0) for value in facts.values())
