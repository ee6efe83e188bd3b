"""What the inbox shows: the list, a thread, how long somebody has waited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Max, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.attribution.models import Click
from apps.conversations.models import Conversation, Message, preview_of
from apps.conversations.querysets import ConversationQuerySet
from apps.conversations.rules import waiting
from apps.members.models import hue_of
from apps.staff.models import Staff

PAGE = 30
MOST_PAGES = 10
THREAD = 50
MOST_WAITING = 200

# What a row of the list shows, and nothing else: half the cost of the list is in
# making objects.
COLUMNS = (
    "pk", "last_message_at", "preview", "preview_kind", "is_answered", "unread",
    "waiting_since", "status", "member_id", "member__name", "member__nickname",
    "member__number", "member__standing__tier__code", "member__standing__tier__name",
    "member__standing__tier__name_en",
)  # fmt: skip
Values = tuple[Any, ...]


@dataclass(frozen=True)
class Tab:
    """A filter of the list; the count is shown where it is not nothing."""

    key: str
    label: str
    count: int = 0


class Who(NamedTuple):
    """A customer in the list: what staff call them, and their tint."""

    pk: int
    label: str
    hue: int


class TierMark(NamedTuple):
    """The customer's tier in the list."""

    code: str
    label: str


class Row(NamedTuple):
    """A conversation in the list."""

    pk: int
    member: Who
    tier: TierMark | None
    last_message_at: datetime
    preview: str
    is_answered: bool
    unread: int
    waiting_since: datetime | None
    is_open: bool


@dataclass(frozen=True)
class Inbox:
    """The top of the list, whoever waits longest first, then the latest."""

    rows: Sequence[Row]
    tabs: Sequence[Tab]
    pages: int
    has_more: bool

    @property
    def next_pages(self) -> int:
        """Return how many pages to ask for to see more."""
        return self.pages + 1


@dataclass(frozen=True)
class Waited:
    """How long the customer has waited for a person, and in words."""

    minutes: int | None
    level: str
    words: str


def inbox_of(
    staff: Staff,
    *,
    filter: str = "",  # noqa: A002  (the word that the address and the page use)
    search: str = "",
    pages: int = 1,
) -> Inbox:
    """Return the viewer's conversations; three queries at most, whatever their number.

    `pages` is how many pages are shown from the top: rows move while one reads, so
    there is no second page alone. Filters: "" open ones (at HQ: those on HQ's desk
    and one's own), "waiting", "closed", and for HQ "all". Only the conversations' own
    columns are read.
    """
    scope = Conversation.objects.visible_to(staff)
    if staff.is_hq and filter != "all":
        scope = scope.at_hq() | scope.filter(staff=staff)
    pages = min(max(pages, 1), MOST_PAGES)
    size = PAGE * pages
    rows, waiting_count = _top(scope.naming(search), filter, size + 1)
    if waiting_count is None or search:
        waiting_count = scope.open().waiting()[:MOST_WAITING].count()
    in_english = get_language() == "en"
    return Inbox(
        rows=[_row(each, in_english=in_english) for each in rows[:size]],
        tabs=_tabs(staff, waiting_count),
        pages=pages,
        has_more=len(rows) > size and pages < MOST_PAGES,
    )


def thread_of(
    conversation: Conversation, *, before: Message | None = None, limit: int = THREAD
) -> list[Message]:
    """Return the latest messages, oldest first; `before` gives the page before one.

    Two queries: the messages with their senders and outcomes, and how often the
    links among them were opened.
    """
    messages = conversation.messages.select_related(
        "staff", "delivery", "conversation__member"
    )
    if before is not None:
        messages = messages.before(before)
    page = list(messages.order_by("-at", "-pk")[:limit])[::-1]
    _add_openings(page)
    return page


def waited(conversation: Conversation, *, now: datetime) -> Waited:
    """Return how long the customer has waited, and who serves them, in words."""
    minutes = waiting.minutes_waited(conversation.waiting_since, now)
    if conversation.staff is None:
        served = _("由總部服務")
    else:
        served = _("由%(name)s服務") % {"name": conversation.staff.label}
    words = served
    if minutes is not None:
        words = _("%(served)s，已等 %(minutes)s 分鐘") % {
            "served": served, "minutes": minutes,
        }  # fmt: skip
    elif not conversation.is_open:
        words = _("%(served)s，已結案") % {"served": served}
    return Waited(minutes, waiting.level(minutes), words)


def _top(
    found: ConversationQuerySet, chosen: str, wanted: int
) -> tuple[list[Values], int | None]:
    """Return the first rows, and how many wait where that was asked.

    Those who wait come first, then the rest; each part is read by its own index.
    """
    if chosen == "closed":
        return list(_latest(_values(found.closed()))[:wanted]), None
    is_open = _values(found.open())
    waiting_rows = list(
        is_open.filter(waiting_since__isnull=False).order_by("waiting_since", "pk")[
            :MOST_WAITING
        ]
    )
    top = waiting_rows[:wanted]
    if chosen != "waiting" and len(top) < wanted:
        settled = is_open.filter(waiting_since__isnull=True)
        top += _latest(settled)[: wanted - len(top)]
    return top, len(waiting_rows)


def _latest(found: QuerySet[Conversation, Values]) -> QuerySet[Conversation, Values]:
    return found.order_by("-last_message_at", "-pk")


def _values(found: ConversationQuerySet) -> QuerySet[Conversation, Values]:
    return found.values_list(*COLUMNS)


def _row(values: Values, *, in_english: bool) -> Row:
    (
        pk, last_message_at, preview, kind, is_answered, unread, since, status,
        member_id, name, nickname, number, tier, tier_name, tier_name_en,
    ) = values  # fmt: skip
    label = (in_english and tier_name_en) or tier_name
    return Row(
        pk=pk,
        member=Who(member_id, name or nickname or number, hue_of(member_id)),
        tier=TierMark(tier, label) if tier else None,
        last_message_at=last_message_at,
        preview=preview or preview_of(kind),
        is_answered=is_answered,
        unread=unread,
        waiting_since=since,
        is_open=status == Conversation.Status.OPEN,
    )


def _tabs(staff: Staff, waiting_count: int) -> list[Tab]:
    tabs = [Tab("", _("全部")), Tab("waiting", _("待回覆"), waiting_count)]
    if staff.is_hq:
        tabs = [Tab("", _("總部")), tabs[1], Tab("all", _("所有門市"))]
    return [*tabs, Tab("closed", _("已結案"))]


def _add_openings(messages: Sequence[Message]) -> None:
    """Tell each product that was sent how often its link was opened, and when last."""
    codes = {each.pk: _code_of(each) for each in messages}
    wanted = {code for code in codes.values() if code}
    if not wanted:
        return
    clicks = (
        Click.objects.filter(link__code__in=wanted)
        .values_list("link__code")
        .annotate(times=Count("pk"), last_at=Max("at"))
    )
    opened = {code: (times, last_at) for code, times, last_at in clicks}
    for each in messages:
        each.opened = opened.get(codes[each.pk])


def _code_of(message: Message) -> str:
    address = message.facts.get("url", "") if message.kind == "product" else ""
    return str(address).rpartition("/l/")[2] if "/l/" in str(address) else ""
