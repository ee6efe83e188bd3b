"""Ask the channel for the name and picture of the people who write."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from apps.channels.errors import Unavailable
from apps.channels.line.client import Line
from apps.conversations.models import Conversation
from apps.conversations.services import threads
from apps.members import services as members

LEASE = timedelta(minutes=2)
TRY_AGAIN = timedelta(hours=1)

log = structlog.get_logger(__name__)


@transaction.atomic(durable=True)
def claim_profiles(*, now: datetime, limit: int = 20) -> list[Conversation]:
    """Take people in hand whose name is to be asked for."""
    rows = (
        Conversation.objects.profile_due(now)
        .select_for_update(skip_locked=True, of=("self",), no_key=True)
        .select_related("account")[:limit]
    )
    claimed = list(rows)
    Conversation.objects.filter(pk__in=[row.pk for row in claimed]).update(
        profile_due_at=now + LEASE
    )
    return claimed


def learn(conversation: Conversation, *, now: datetime) -> None:
    """Ask, and keep the answer; outside any transaction.

    Whoever blocked us or gave no consent has no profile: what is known stays.
    """
    due_at = None
    try:
        profile = Line(conversation.account).profile(conversation.address)
    except Unavailable as trouble:
        log.warning("profile not fetched", why=str(trouble))
        profile, due_at = None, now + TRY_AGAIN
    with transaction.atomic():
        if profile is not None:
            members.meet_line_user(
                conversation.account, conversation.address, now=now, profile=profile
            )
        Conversation.objects.filter(pk=conversation.pk).update(profile_due_at=due_at)
        if profile is not None:
            threads.announce(conversation)
