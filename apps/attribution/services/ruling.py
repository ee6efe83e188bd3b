"""Decide the lines of an order by a policy."""

from __future__ import annotations

from collections.abc import Iterator

from apps.attribution.rules import Decision, Policy, Weighing
from apps.attribution.services.gather import Gathered, LineRow


def rule(found: Gathered, policy: Policy) -> Iterator[tuple[LineRow, Decision]]:
    """Yield each line with the ruling on it; the order's acts are weighed once."""
    weighing = Weighing(found.facts, found.touches, found.bindings, policy)
    for line in found.lines:
        yield line, weighing.on(line.facts)
