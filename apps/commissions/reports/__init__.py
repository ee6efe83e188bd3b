"""Commission as it is shown: sums, months, statements, settlements, disputes."""

from apps.commissions.reports.arithmetic import Arithmetic, Row, arithmetic
from apps.commissions.reports.disputes import (
    Contestable,
    Told,
    contestable,
    searched,
    told,
    waiting_first,
)
from apps.commissions.reports.month import MonthFigures, MonthRow, month_of
from apps.commissions.reports.months import (
    LedgerMonth,
    ledger_month,
    ledger_months,
    waiting_disputes,
)
from apps.commissions.reports.statement import (
    Statement,
    StatementLine,
    payout_rows,
    statement_of,
    statement_rows,
)

__all__ = [
    "Arithmetic",
    "Contestable",
    "LedgerMonth",
    "MonthFigures",
    "MonthRow",
    "Row",
    "Statement",
    "StatementLine",
    "Told",
    "arithmetic",
    "contestable",
    "ledger_month",
    "ledger_months",
    "month_of",
    "payout_rows",
    "searched",
    "statement_of",
    "statement_rows",
    "told",
    "waiting_disputes",
    "waiting_first",
]
