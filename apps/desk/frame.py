"""Which frame an inbox page stands in, and the count beside its name."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from apps.conversations.models import Conversation
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
    """Offer templates `counts.inbox`: how many customers wait on the viewer's desk.

    A context processor; the query is made only by a page that shows the count. HQ is
    told of its own desk, not of the stores'.
    """
    return {"counts": SimpleLazyObject(lambda: {"inbox": _waiting(request.user)})}


def _waiting(viewer: Any) -> int:
    if not isinstance(viewer, Staff):
        return 0
    waiting = Conversation.objects.visible_to(viewer).waiting()
    return (waiting.at_hq() if viewer.is_hq else waiting.filter(staff=viewer)).count()
