"""The verbs of credit: links, touches and views in, decisions out."""

from apps.attribution.services.browsing import Browsed, Noted, note_events
from apps.attribution.services.credit import Credited, credit, settle
from apps.attribution.services.drafts import (
    begin_draft,
    discard_draft,
    last_simulation,
    publish_draft,
    revise_draft,
)
from apps.attribution.services.links import follow_link, make_link, mark_sent
from apps.attribution.services.policies import publish_policy
from apps.attribution.services.simulate import (
    LONGEST,
    advance,
    cancel_simulation,
    start_simulation,
)
from apps.attribution.services.touches import NewTouch, touch, touch_many
from apps.attribution.services.visitors import resolve_visitor, resolve_visitors

__all__ = [
    "LONGEST",
    "Browsed",
    "Credited",
    "NewTouch",
    "Noted",
    "advance",
    "begin_draft",
    "cancel_simulation",
    "credit",
    "discard_draft",
    "follow_link",
    "last_simulation",
    "make_link",
    "mark_sent",
    "note_events",
    "publish_draft",
    "publish_policy",
    "resolve_visitor",
    "resolve_visitors",
    "revise_draft",
    "settle",
    "start_simulation",
    "touch",
    "touch_many",
]
