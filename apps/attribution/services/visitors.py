"""Visitors whom nobody knew: once they are a member, what they did becomes theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import connection, transaction

from apps.attribution.models import Click, Touch, Visitor
from apps.attribution.services.touches import NewTouch, touch_many
from apps.members.models import Member

MOST_CLICKS = 500  # of one visitor; more than that is a machine


TAKE_OVER = """
    update {table} as act set member_id = known.member_id
    from attribution_visitor as known
    where known.key = any(%(keys)s) and act.visitor = known.key
      and act.member_id is null and (known.since is null or act.at >= known.since)
"""
TABLES = "attribution_pageview", "attribution_shopsearch", "attribution_cartevent"


def resolve_visitor(visitor: str, member: Member, *, now: datetime) -> int:
    """Make what the visitor did the member's; return how many clicks that were."""
    return resolve_visitors({visitor: member.pk}, now=now)


@transaction.atomic
def resolve_visitors(members: Mapping[str, int], *, now: datetime) -> int:
    """Make what visitors did these members' (by id); return how many clicks that were.

    A device that changes hands is the new member's from now on: what was done before
    stays whose it was. The orders that a click may change are credited again, and only
    those (see `touch_many`). Said again, it changes nothing.
    """
    named = {visitor[:40]: member for visitor, member in members.items() if visitor}
    known = _known(named)
    moved = [each for each in known if each.member_id != named[each.key]]
    for each in moved:
        each.member_id, each.since = named[each.key], now
    Visitor.objects.bulk_update(moved, ["member", "since"], batch_size=1_000)
    stayed = {each.key: each for each in known if each not in moved}
    if not stayed:
        return 0
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(TAKE_OVER.format(table=table), {"keys": list(stayed)})
    clicks = Click.objects.filter(visitor__in=stayed).select_related("link")
    found = [
        (click, whose.member_id)
        for click in clicks.order_by("-at")[: MOST_CLICKS * len(stayed)]
        if (whose := stayed[click.visitor]).member_id != click.link.member_id
        and (whose.since is None or click.at >= whose.since)
    ]
    return _take_over(found, now)


def _known(named: Mapping[str, int]) -> list[Visitor]:
    """Return the visitors, locked in order; strangers are the members' at once."""
    found = Visitor.objects.filter(key__in=named).order_by("key")
    known = {each.key for each in found.select_for_update()}
    strangers = sorted(named.keys() - known)
    if strangers:
        Visitor.objects.bulk_create(
            [Visitor(key=key, member_id=named[key]) for key in strangers],
            ignore_conflicts=True,
        )
    return list(found.select_for_update())


def note_known_click(click: Click, *, now: datetime) -> None:
    """Make a click the act of whoever the visitor is known to be, if of anybody."""
    known = Visitor.objects.filter(key=click.visitor).first()
    if known is not None and click.link.member_id != known.member_id:
        _take_over([(click, known.member_id)], now)


def _take_over(clicks: Iterable[tuple[Click, int]], now: datetime) -> int:
    """Record the clicks as touches of the members, each once.

    A link that was sent to another member has its touch there already: the same click
    counts here as one that was passed on.
    """
    touches = [
        NewTouch(
            Touch.Kind.LINK_CLICK,
            member,
            click.link.staff_id,
            click.at,
            ("passed_on" if click.link.member_id else "click", str(click.pk)),
            click.link.store_id,
            click.link.product_id,
            click.link_id,
        )
        for click, member in clicks
    ]
    proofs = Touch.objects.filter(
        kind=Touch.Kind.LINK_CLICK,
        evidence_type__in=["click", "passed_on"],
        evidence_id__in=[each.evidence[1] for each in touches],
    )
    known = set(proofs.values_list("evidence_type", "evidence_id"))
    fresh = [each for each in touches if each.evidence not in known]
    if fresh:
        touch_many(fresh, now=now)
    return len(fresh)
