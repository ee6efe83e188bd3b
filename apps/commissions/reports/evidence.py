"""What speaks for whom in a dispute, gathered by itself when it is opened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apps.attribution.models import Decision, Touch
from apps.members.models import Binding
from apps.orders.models import OrderLine

BEFORE, AFTER = timedelta(days=44), timedelta(days=1)
MOST = 200


def evidence_of(line: OrderLine, decision: Decision, *people: int) -> dict[str, Any]:
    """Return the decision's candidates and the ids of what the people did.

    Ids alone: who may read the touches, the messages and the bonds behind them is
    decided where they are read.
    """
    order = line.order
    touches = list(
        Touch.objects.filter(
            member=order.member_id,
            staff__in=people,
            at__gte=order.placed_at - BEFORE,
            at__lt=order.placed_at + AFTER,
        )
        .order_by("-at", "-pk")
        .values("pk", "evidence_type", "evidence_id")[:MOST]
    )
    bonds = Binding.objects.filter(member=order.member_id, staff__in=people)
    return {
        "policy": decision.policy.version,
        "candidates": decision.candidates,
        "touches": sorted(touch["pk"] for touch in touches),
        "messages": sorted(
            touch["evidence_id"]
            for touch in touches
            if touch["evidence_type"] == "message"
        ),
        "bindings": sorted(bonds.values_list("pk", flat=True)),
    }
