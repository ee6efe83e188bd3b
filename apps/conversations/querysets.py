"""Which conversations a question is about."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from apps.core import clock
from apps.staff import rules as staff_rules

if TYPE_CHECKING:
    from apps.conversations.models import (
        Conversation,  # noqa: F401  (a string below)
        Message,
    )
    from apps.staff.models import Staff


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """Conversations and who may see them."""

    def visible_to(self, viewer: Staff) -> ConversationQuerySet:
        """Keep what the viewer may open (features.md B3).

        A salesperson only their own; a manager the own and those of the stores'
        salespeople; HQ service and admins all; others none.
        """
        return self.filter(_within_sight(viewer, ""))

    def waiting(self) -> ConversationQuerySet:
        """Keep those in which a customer waits for a person."""
        return self.filter(waiting_since__isnull=False)

    def at_hq(self) -> ConversationQuerySet:
        """Keep those that lie on HQ's desk."""
        return self.filter(desk="hq")

    def open(self) -> ConversationQuerySet:
        """Keep those that nobody closed."""
        return self.filter(status="open")

    def naming(self, search: str) -> ConversationQuerySet:
        """Keep those whose member or last bubble the words name; empty keeps all."""
        words = search.strip()
        if not words:
            return self
        digits = words.replace("-", "").replace(" ", "")
        named = Q(member__name__icontains=words) | Q(member__nickname__icontains=words)
        if digits.isdigit() and len(digits) >= 3:
            named |= Q(member__phone__contains=digits.lstrip("0"))
        return self.filter(named | Q(preview__icontains=words))

    def settled(self) -> ConversationQuerySet:
        """Keep those in which nobody waits."""
        return self.filter(waiting_since__isnull=True)

    def closed(self) -> ConversationQuerySet:
        """Keep those that somebody closed."""
        return self.filter(status="closed")

    def profile_due(self, now: datetime) -> ConversationQuerySet:
        """Keep those whose person's name is to be asked for."""
        return self.filter(profile_due_at__lte=now).order_by("profile_due_at")


class MessageQuerySet(models.QuerySet["Message"]):
    """Bubbles, notes and events."""

    def visible_to(self, viewer: Staff) -> MessageQuerySet:
        """Keep what lies in conversations that the viewer may open."""
        return self.filter(_within_sight(viewer, "conversation__"))

    def before(self, message: Message) -> MessageQuerySet:
        """Keep what was said earlier than the message."""
        return self.filter(Q(at__lt=message.at) | Q(at=message.at, pk__lt=message.pk))

    def media_due(self, now: datetime) -> MessageQuerySet:
        """Keep those whose file is to be fetched or erased."""
        return self.filter(
            media_state__in=["wanted", "erase"], media_due_at__lte=now
        ).order_by("media_due_at", "pk")


def _within_sight(viewer: Staff, path: str) -> Q:
    """Return the condition on the conversation, which `path` leads to."""
    if staff_rules.may(viewer.role, "hq.inbox"):
        return Q()
    own = Q(**{f"{path}desk": "staff", f"{path}staff": viewer})
    if viewer.role == viewer.Role.MANAGER:
        stores = viewer.postings.on(clock.today()).values("store")
        return own | Q(**{f"{path}desk": "staff", f"{path}store__in": stores})
    if viewer.role == viewer.Role.SALESPERSON:
        return own
    return Q(pk__in=[])
