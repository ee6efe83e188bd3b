"""Why an order line was credited as it was."""

from apps.attribution.reports.explain import explain
from apps.attribution.reports.shapes import (
    Change,
    Explanation,
    LineResult,
    Moment,
    Step,
    Verdict,
)

__all__ = [
    "Change",
    "Explanation",
    "LineResult",
    "Moment",
    "Step",
    "Verdict",
    "explain",
]
