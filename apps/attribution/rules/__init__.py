"""Who earns an order line: facts in, decision with every candidate's reason out.

The rule: of the policy's classes, in its order, the first in
which somebody is eligible takes the line; inside a class the latest act wins, of the
same second the one with the lower id. A link counts first for the product it shows.
"""

from apps.attribution.rules.compare import Rate, Side, compare, rate_on
from apps.attribution.rules.decide import decide
from apps.attribution.rules.facts import (
    BindingFacts,
    Candidate,
    Decision,
    LineFacts,
    StaffFacts,
    Status,
    TouchFacts,
)
from apps.attribution.rules.policy import DEFAULT, Policy, Rung

__all__ = [
    "DEFAULT",
    "BindingFacts",
    "Candidate",
    "Decision",
    "LineFacts",
    "Policy",
    "Rate",
    "Rung",
    "Side",
    "StaffFacts",
    "Status",
    "TouchFacts",
    "compare",
    "decide",
    "rate_on",
]
