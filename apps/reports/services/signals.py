"""A person looked at a signal."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core.errors import Refused
from apps.core.text import clean
from apps.reports.models import SignalReview
from apps.reports.reports.signals import find_one
from apps.staff.models import Staff

LONGEST_NOTE = 300


@transaction.atomic
def review_signal(
    kind: str, subject: int, *, note: str, by: Staff, now: datetime
) -> SignalReview:
    """Mark a signal as looked at, with what the person found.

    It is shown again when more facts come to it. Raises Refused: "note" without a word,
    "signal_gone" where there is no such signal (any more).
    """
    words = clean(note, LONGEST_NOTE).strip()
    if not words:
        raise Refused("note", _("請寫下你看到了什麼，之後的人才知道"))
    found = find_one(kind, subject, now=now)
    if found is None:
        raise Refused("signal_gone", _("這個訊號已經不在了，請重新整理"))
    facts = {"weight": found.weight, "note": words, "by": by, "at": now}
    review, _made = SignalReview.objects.update_or_create(
        kind=found.kind, subject=found.subject, defaults=facts
    )
    audit.record(
        "signal.reviewed", review, by=by, now=now,
        kind=found.kind, subject=found.subject, weight=found.weight, note=words,
    )  # fmt: skip
    return review
