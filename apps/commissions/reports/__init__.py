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
from apps.commissions.reports.faults import (
    ABSORBED,
    BORNE,
    Fault,
    FaultSums,
    fault_rows,
    fault_sums,
    faults,
    faults_of,
)
from apps.commissions.reports.month import MonthFigures, MonthRow, month_of
from apps.commissions.reports.months import (
    LedgerMonth,
    ledger_month,
    ledger_months,
    waiting_disputes,
)
from apps.commissions.reports.plans import (
    Clause,
    Example,
    clauses,
    example,
    in_brief,
    in_force,
    versions,
    whose,
)
from apps.commissions.reports.statement import (
    Statement,
    StatementLine,
    payout_rows,
    statement_of,
    statement_rows,
    transfer_rows,
)

__all__ = [
    "ABSORBED",
    "BORNE",
    "Arithmetic",
    "Clause",
    "Contestable",
    "Example",
    "Fault",
    "FaultSums",
    "LedgerMonth",
    "MonthFigures",
    "MonthRow",
    "Row",
    "Statement",
    "StatementLine",
    "Told",
    "arithmetic",
    "clauses",
    "contestable",
    "example",
    "fault_rows",
    "fault_sums",
    "faults",
    "faults_of",
    "in_brief",
    "in_force",
    "ledger_month",
    "ledger_months",
    "month_of",
    "payout_rows",
    "searched",
    "statement_of",
    "statement_rows",
    "told",
    "transfer_rows",
    "versions",
    "waiting_disputes",
    "waiting_first",
    "whose",
]
