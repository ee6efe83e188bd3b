"""The figures that HQ looks at."""

from apps.reports.reports.dashboard import dashboard
from apps.reports.reports.shapes import (
    BasisBar,
    Dashboard,
    DayBar,
    Kpi,
    Seller,
    StoreRow,
)

__all__ = [
    "BasisBar",
    "Dashboard",
    "DayBar",
    "Kpi",
    "Seller",
    "StoreRow",
    "dashboard",
]
