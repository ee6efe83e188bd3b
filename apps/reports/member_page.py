"""The sections of a member's page: each room's part, gathered by one function.

A section is a template `hq/members/_<code>.html` and what it shows. Others are added
by `register`, from the `ready()` of whoever has something to tell of a member.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import F

from apps.conversations.models import Conversation
from apps.loyalty import services as loyalty
from apps.loyalty.models import CouponIssue, Standing, Tier
from apps.loyalty.models.points import PointEntry
from apps.members import services as members
from apps.members.models import Identity, Member, Merge
from apps.members.reports.tags import tag_card
from apps.reports.customers import Customer360, customer_360
from apps.staff.models import Staff

Column = Literal["main", "side"]
SHOWN = 20


@dataclass(frozen=True)
class Asked:
    """Whose page it is, who looks at it, and when."""

    member: Member
    viewer: Staff
    now: datetime
    customer: Customer360


Gather = Callable[[Asked], Any]


@dataclass(frozen=True)
class Section:
    """A part of the page with what it shows."""

    code: str
    shown: Any

    @property
    def template(self) -> str:
        """Return the template that draws it."""
        return f"hq/members/_{self.code}.html"


@dataclass(frozen=True)
class MemberPage:
    """The whole page."""

    customer: Customer360
    main: list[Section]
    side: list[Section]


GATHERERS: dict[Column, dict[str, Gather]] = {"main": {}, "side": {}}


def register(code: str, column: Column, gather: Gather) -> None:
    """Show the section `hq/members/_<code>.html` in the column, after the others."""
    GATHERERS[column][code] = gather


def member_page(member: Member, *, viewer: Staff, now: datetime) -> MemberPage:
    """Gather every section; the number of queries does not grow with the history."""
    asked = Asked(member, viewer, now, customer_360(member, now=now, purchases=SHOWN))
    gathered = {
        column: [Section(code, gather(asked)) for code, gather in gatherers.items()]
        for column, gatherers in GATHERERS.items()
    }
    return MemberPage(asked.customer, gathered["main"], gathered["side"])


@dataclass(frozen=True)
class Progress:
    """The tier that is held and what the next one takes."""

    standing: Standing | None
    next: Tier | None
    missing: int
    reached: int


def _tier(asked: Asked) -> Progress:
    placing = loyalty.placing(asked.member)
    following = placing.next_tier_id
    next_tier = Tier.objects.get(pk=following) if following is not None else None
    return Progress(
        standing=Standing.objects.filter(member=asked.member)
        .select_related("tier")
        .first(),
        next=next_tier,
        missing=placing.missing,
        reached=max(0, next_tier.threshold - placing.missing) if next_tier else 0,
    )


@dataclass(frozen=True)
class Points:
    """What the member has, and the latest lines of the ledger."""

    balance: loyalty.Balance
    entries: list[PointEntry]


def _points(asked: Asked) -> Points:
    entries = PointEntry.objects.filter(member=asked.member).order_by("-pk")
    return Points(loyalty.balance(asked.member, now=asked.now), list(entries[:5]))


def _coupons(asked: Asked) -> list[CouponIssue]:
    held = CouponIssue.objects.real().usable(asked.now).filter(member=asked.member)
    return list(held.select_related("coupon").order_by(
        F("valid_until").asc(nulls_last=True), "pk"
    )[:SHOWN])  # fmt: skip


def _identities(asked: Asked) -> list[Identity]:
    found = asked.member.identities.select_related("account")
    return list(found.order_by("kind", "pk"))


def _conversations(asked: Asked) -> list[Conversation]:
    found = Conversation.objects.visible_to(asked.viewer).filter(member=asked.member)
    return list(found.select_related("account", "staff").order_by("-last_message_at"))


def _bindings(asked: Asked) -> list[Any]:
    bonds = asked.member.bindings.select_related("staff", "store")
    return list(bonds.order_by(F("period").desc())[:SHOWN])


@dataclass(frozen=True)
class Merged:
    """A record that was merged in, and whether that can still be undone."""

    merge: Merge
    is_undoable: bool


def _merges(asked: Asked) -> list[Merged]:
    merges = Merge.objects.filter(keeper=asked.member).select_related(
        "loser", "merged_by", "undone_by"
    )
    return [
        Merged(
            merge,
            members.why_not_undo(merge, keeper=asked.member, now=asked.now) is None,
        )
        for merge in merges.order_by("-merged_at")[:SHOWN]
    ]


register("orders", "main", lambda asked: asked.customer.purchases)
register("conversations", "main", _conversations)
register("bindings", "main", _bindings)
register("merges", "main", _merges)
register("tags", "side", lambda asked: tag_card(asked.member))
register("tier", "side", _tier)
register("points", "side", _points)
register("coupons", "side", _coupons)
register("identities", "side", _identities)
