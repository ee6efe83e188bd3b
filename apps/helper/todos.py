"""Today's to-dos of a salesperson: who needs them now, and why, with one verb each.

People who wait come first, then what was not sent, leads to call, whom to greet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.conversations.models import Conversation, Message
from apps.core import clock
from apps.loyalty.models import Tier
from apps.members.models import Binding, Lead, Member
from apps.messaging.models import Delivery
from apps.reports.customers import days_to_birthday
from apps.staff.models import Staff
from apps.ui import words

MOST = 30
BIRTHDAYS_AHEAD = 3  # days
GREET_WITHIN = timedelta(days=2)


@dataclass(frozen=True)
class Todo:
    """One row: the person, the reason, the verb and where it leads."""

    key: str
    group: str  # "reply", "outreach"
    icon: str
    tone: str
    member: Member
    tier: Tier | None
    why: str
    verb: str
    url: str
    is_urgent: bool = False


def todos_of(staff: Staff, *, now: datetime) -> list[Todo]:
    """Return what the salesperson should do now, most pressing first (6 queries)."""
    rows = [
        *_waiting(staff, now=now),
        *_unsent(staff),
        *_leads(staff),
        *_birthdays(staff, today=clock.day_of(now)),
        *_newcomers(staff, now=now),
    ]
    return rows[:MOST]


def _waiting(staff: Staff, *, now: datetime) -> Iterator[Todo]:
    rows = (
        Conversation.objects.filter(desk="staff", staff=staff)
        .waiting()
        .select_related("member__standing__tier")
        .order_by("waiting_since")
    )
    for conversation in rows:
        waited = words.waited(conversation.waiting_since or now, now=now)
        yield Todo(
            key=f"conversation-{conversation.pk}",
            group="reply",
            icon="chat",
            tone="hot",
            member=conversation.member,
            tier=_tier(conversation.member),
            why=_("%(waited)s：「%(said)s」")
            % {"waited": waited, "said": conversation.preview},
            verb=_("回覆"),
            url=reverse("desk:conversation", args=[conversation.pk]),
            is_urgent=True,
        )


def _unsent(staff: Staff) -> Iterator[Todo]:
    rows = (
        Message.objects.filter(
            conversation__desk="staff",
            conversation__staff=staff,
            delivery__state__in=[Delivery.State.FAILED, Delivery.State.UNKNOWN],
        )
        .select_related("conversation__member__standing__tier", "delivery")
        .order_by("-at")[:5]
    )
    for message in rows:
        yield Todo(
            key=f"message-{message.pk}",
            group="reply",
            icon="alert",
            tone="warn",
            member=message.conversation.member,
            tier=_tier(message.conversation.member),
            why=_("訊息沒送出：「%(said)s」") % {"said": message.text[:40]},
            verb=_("查看"),
            url=reverse("desk:conversation", args=[message.conversation_id]),
        )


def _leads(staff: Staff) -> Iterator[Todo]:
    rows = Lead.objects.filter(
        staff=staff, state=Lead.State.ASSIGNED, member__stage=Member.Stage.LEAD
    )
    for lead in rows.select_related("member").order_by("-assigned_at", "-pk")[:10]:
        yield Todo(
            key=f"lead-{lead.pk}",
            group="outreach",
            icon="phone",
            tone="hot",
            member=lead.member,
            tier=None,
            why=_("想了解「%(interest)s」，等你聯絡") % {"interest": lead.interest}
            if lead.interest
            else _("總部指派給你，等你聯絡"),
            verb=_("聯絡"),
            url=f"{reverse('helper:leads')}#lead-{lead.pk}",
        )


def _birthdays(staff: Staff, *, today: date) -> Iterator[Todo]:
    days = [today + timedelta(days=ahead) for ahead in range(BIRTHDAYS_AHEAD + 1)]
    match = Q()
    for day in days:
        match |= Q(birthday__month=day.month, birthday__day=day.day)
    members = Member.objects.bound_to(staff).filter(match)
    for member in _reachable(members):
        ahead = days_to_birthday(member.birthday, today=today)
        when = _("今天生日")
        if ahead:
            when = ngettext("%(days)s 天後生日", "%(days)s 天後生日", ahead)
            when = when % {"days": ahead}
        yield _outreach(
            member,
            icon="cake",
            tone="warn",
            why=_("%(when)s，傳一句祝福") % {"when": when},
            verb=_("祝賀"),
            draft=_("%(name)s 生日快樂！最近有空歡迎來店裡坐坐")
            % {"name": member.label},
        )


def _newcomers(staff: Staff, *, now: datetime) -> Iterator[Todo]:
    fresh = Binding.objects.filter(
        staff=staff, period__upper_inf=True, created_at__gte=now - GREET_WITHIN
    )
    members = Member.objects.filter(bindings__in=fresh).exclude(
        conversations__is_answered=True
    )
    for member in _reachable(members):
        yield _outreach(
            member,
            icon="user",
            tone="brand",
            why=_("剛綁定你，打個招呼"),
            verb=_("打招呼"),
            draft=_("您好，我是%(name)s，尺寸跟庫存都可以直接問我")
            % {"name": staff.name},
        )


def _reachable(members: models.QuerySet[Member]) -> models.QuerySet[Member]:
    return (
        members.filter(conversations__is_blocked=False)
        .select_related("standing__tier")
        .prefetch_related("conversations")
        .distinct()[:10]
    )


def _outreach(
    member: Member, *, icon: str, tone: str, why: str, verb: str, draft: str
) -> Todo:
    conversation = next(iter(member.conversations.all()))
    chat = reverse("desk:conversation", args=[conversation.pk])
    return Todo(
        key=f"member-{member.pk}-{icon}",
        group="outreach",
        icon=icon,
        tone=tone,
        member=member,
        tier=_tier(member),
        why=why,
        verb=verb,
        url=f"{chat}?{urlencode({'draft': draft})}",
    )


def _tier(member: Member) -> Tier | None:
    standing = getattr(member, "standing", None)
    return standing.tier if standing else None
