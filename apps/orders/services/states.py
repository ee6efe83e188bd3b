"""What is recorded of some orders, gathered in three queries however many there are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from apps.orders.models import Order, OrderLine, Refund, RefundLine
from apps.orders.rules.intake import Version
from apps.orders.rules.refunds import Bought, Part
from apps.orders.rules.statuses import known
from apps.orders.services.lookup import Key


@dataclass
class State:
    """An order with its lines and the parts of its refunds, by external ids.

    What the cancellation gave back is no part of them: it is the rest, and follows.
    """

    order: Order
    lines: dict[str, OrderLine] = field(default_factory=dict)
    refunds: dict[str, dict[str, Part]] = field(default_factory=dict)

    @property
    def bought(self) -> Bought:
        """Return the facts that a refund is decided by."""
        lines = {
            line.external_id: Part(line.quantity, line.net)
            for line in self.lines.values()
            if line.quantity
        }
        return Bought(self.order.paid_at is not None, lines, self.refunds)

    @property
    def version(self) -> Version:
        """Return the facts that a newer version is judged by."""
        return Version(
            digest=bytes(self.order.digest),
            paid_at=self.order.paid_at,
            updated_at=self.order.revised_at,
            status=known(self.order.status),
            cancelled_at=self.order.cancelled_at,
            done_at=self.order.done_at,
            returned={
                line: (part.quantity, part.amount)
                for line, part in self.bought.returned.items()
            },
        )


def load(keys: Collection[Key]) -> Mapping[Key, State]:
    """Lock the orders that exist and return what is recorded of them."""
    if not keys:
        return {}
    orders = Order.objects.known_as(keys).order_by("id").select_for_update(of=("self",))
    states = {order.pk: State(order) for order in orders}
    for line in OrderLine.objects.filter(order__in=states):
        states[line.order_id].lines[line.external_id] = line
    parts = RefundLine.objects.filter(
        refund__order__in=states, refund__kind=Refund.Kind.RETURNED
    ).select_related("refund", "line")
    for part in parts:
        refunds = states[part.refund.order_id].refunds
        lines = refunds.setdefault(part.refund.external_id, {})
        lines[part.line.external_id] = Part(part.quantity, part.amount)
    return {
        (each.order.source, each.order.external_id): each for each in states.values()
    }
