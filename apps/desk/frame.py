"""Which frame an inbox page stands in, and the count beside its name."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from apps.commissions.models import Dispute
from apps.conversations.models import Conversation
from apps.staff import rules
from apps.staff.models import Staff


@dataclass(frozen=True)
class Frame:
    """The layout a page extends."""

    layout: str
    is_hq: bool


HQ = Frame(layout="hq/base.html", is_hq=True)
HELPER = Frame(layout="helper/base.html", is_hq=False)


def frame_of(person: Staff) -> Frame:
    """Return HQ's frame for HQ people, the store helper's for store people."""
    return HQ if person.is_hq else HELPER


def counts(request: HttpRequest) -> dict[str, Any]:
    """Offer templates `counts`: what waits for the viewer, by the page's name.

    `inbox` is how many customers wait on the viewer's desk, `credits` how many disputes
    wait for HQ's ruling. A context processor; the queries are made only by a page that
    shows the counts. HQ is told of its own desk, not of the stores'.
    """
    return {"counts": SimpleLazyObject(lambda: _counts(request.user))}


def _counts(viewer: Any) -> dict[str, int]:
    return {"inbox": _waiting(viewer), "credits": _disputed(viewer)}


def _disputed(viewer: Any) -> int:
    if not isinstance(viewer, Staff) or not rules.may(viewer.role, "hq.rule"):
        return 0
    return Dispute.objects.waiting().count()


def _waiting(viewer: Any) -> int:
    if not isinstance(viewer, Staff):
        return 0
    waiting = Conversation.objects.visible_to(viewer).waiting()
    return (waiting.at_hq() if viewer.is_hq else waiting.filter(staff=viewer)).count()
