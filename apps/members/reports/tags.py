"""What a member's page shows of tags: which, how often, from where, until when."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from apps.members.models import Member, MemberTag, Tag


@dataclass(frozen=True)
class TagCard:
    """The member's tags, and which others may be given.

    `occasion` goes into the form: sent twice, the tag is counted once.
    """

    rows: list[MemberTag]
    offered: list[Tag]
    occasion: str


def tag_card(member: Member) -> TagCard:
    """Return what the member has and could be given, in two queries."""
    rows = MemberTag.objects.filter(member=member).select_related("tag")
    return TagCard(
        list(rows.order_by("tag__name")),
        list(Tag.objects.offered()),
        new_occasion(),
    )


def new_occasion() -> str:
    """Return a name for one sending of a form."""
    return f"form:{uuid4()}"
