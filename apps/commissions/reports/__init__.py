"""Commission as it is shown: an order's sum, a person's month."""

from apps.commissions.reports.arithmetic import Arithmetic, Row, arithmetic
from apps.commissions.reports.month import MonthFigures, MonthRow, month_of

__all__ = ["Arithmetic", "MonthFigures", "MonthRow", "Row", "arithmetic", "month_of"]
