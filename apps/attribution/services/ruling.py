"""Decide the lines of an order, once for all that differ in nothing that matters."""

from __future__ import annotations

from collections.abc import Iterator

from apps.attribution.rules import Decision, Policy, decide
from apps.attribution.services.gather import OrderFacts
from apps.orders.models import OrderLine


def rule(facts: OrderFacts, policy: Policy) -> Iterator[tuple[OrderLine, Decision]]:
    """Yield each line with the ruling on it.

    Lines of one order differ by their product alone, and that matters only where
    somebody showed it.
    """
    shown = {touch.product_id for touch in facts.touches}
    rulings: dict[int | None, Decision] = {}
    for line, line_facts in facts.lines:
        product = line.product_id if line.product_id in shown else None
        if product not in rulings:
            rulings[product] = decide(line_facts, facts.touches, facts.bindings, policy)
        yield line, rulings[product]
