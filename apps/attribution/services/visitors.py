"""Visitors whom nobody knew: once they are a member, what they did becomes theirs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from apps.attribution.models import Click, PageView, Touch, Visitor
from apps.attribution.services.touches import NewTouch, touch_many
from apps.members.models import Member

MOST_CLICKS = 500  # of one visitor; more than that is a machine


@transaction.atomic
def resolve_visitor(visitor: str, member: Member, *, now: datetime) -> int:
    """Make the visitor's clicks and page views the member's; return how many clicks.

    A device that changes hands is the new member's from now on: what was done before
    stays whose it was. The orders that a click may change are credited again, and only
    those (see `touch_many`). Said again, it changes nothing.
    """
    key = visitor[:40]
    if not key:
        return 0
    known = Visitor.objects.select_for_update().filter(key=key).first()
    if known is None:
        known, _new = Visitor.objects.get_or_create(
            key=key, defaults={"member": member}
        )
    if known.member_id != member.pk:
        known.member, known.since = member, now
        known.save(update_fields=["member", "since"])
        return 0
    views = PageView.objects.filter(visitor=key, member=None)
    clicks = Click.objects.filter(visitor=key).exclude(link__member=member)
    if known.since is not None:
        views = views.filter(at__gte=known.since)
        clicks = clicks.filter(at__gte=known.since)
    views.update(member=member)
    found = clicks.select_related("link").order_by("-at")[:MOST_CLICKS]
    return _take_over(list(found), member, now)


def note_known_click(click: Click, *, now: datetime) -> None:
    """Make a click the act of whoever the visitor is known to be, if of anybody."""
    known = Visitor.objects.select_related("member").filter(key=click.visitor).first()
    if known is not None and click.link.member_id != known.member_id:
        _take_over([click], known.member, now)


def _take_over(clicks: Iterable[Click], member: Member, now: datetime) -> int:
    """Record the clicks as touches of the member, each once.

    A link that was sent to another member has its touch there already: the same click
    counts here as one that was passed on.
    """
    touches = [
        NewTouch(
            Touch.Kind.LINK_CLICK,
            member.pk,
            click.link.staff_id,
            click.at,
            ("passed_on" if click.link.member_id else "click", str(click.pk)),
            click.link.store_id,
            click.link.product_id,
            click.link_id,
        )
        for click in clicks
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
