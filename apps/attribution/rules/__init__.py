"""Who earns an order line: facts in, decision with every candidate's reason out.

The rule: of the policy's classes, in its order, the first in
which somebody is eligible takes the line; inside a class the latest act wins, of the
same second the one with the lower id. A link counts first for the product it shows, a
cart only for the goods put into it. A policy may share a line out, and a till may name
who sold how many of its units.
"""

from apps.attribution.rules.compare import Rate, Side, compare, rate_on
from apps.attribution.rules.decide import Weighing, decide
from apps.attribution.rules.facts import (
    HOLDS,
    SELF,
    TOOK,
    BindingFacts,
    Candidate,
    Decision,
    LineFacts,
    OrderFacts,
    Share,
    StaffFacts,
    Status,
    TouchFacts,
    as_text,
)
from apps.attribution.rules.policy import DEFAULT, Part, Policy, Rung

__all__ = [
    "DEFAULT",
    "HOLDS",
    "SELF",
    "TOOK",
    "BindingFacts",
    "Candidate",
    "Decision",
    "LineFacts",
    "OrderFacts",
    "Part",
    "Policy",
    "Rate",
    "Rung",
    "Share",
    "Side",
    "StaffFacts",
    "Status",
    "TouchFacts",
    "Weighing",
    "as_text",
    "compare",
    "decide",
    "rate_on",
]
