"""Sales by conversation: who bound, wrote and sent what, and what was bought of it."""

from apps.reports.reports.conversations.asked import CUSTOM, Asked, asked_of
from apps.reports.reports.conversations.consideration import (
    Consideration,
    consideration,
)
from apps.reports.reports.conversations.orders import (
    CREDITED,
    FIGURES,
    INFLUENCED,
    Behind,
    OrdersBehind,
    orders_behind,
)
from apps.reports.reports.conversations.report import report
from apps.reports.reports.conversations.shapes import (
    HOUSE,
    Figures,
    Line,
    Report,
    Scope,
)
from apps.reports.reports.conversations.table import table

__all__ = [
    "CREDITED",
    "CUSTOM",
    "FIGURES",
    "HOUSE",
    "INFLUENCED",
    "Asked",
    "Behind",
    "Consideration",
    "Figures",
    "Line",
    "OrdersBehind",
    "Report",
    "Scope",
    "asked_of",
    "consideration",
    "orders_behind",
    "report",
    "table",
]
