"""What a credit pays: the ledger, the months' settlements, and the disputes."""

from apps.commissions.models.dispute import Dispute, Ruling
from apps.commissions.models.ledger import ClosedMonth, CommissionEntry, Plan
from apps.commissions.models.settlement import Settlement, SettlementLine

__all__ = [
    "ClosedMonth",
    "CommissionEntry",
    "Dispute",
    "Plan",
    "Ruling",
    "Settlement",
    "SettlementLine",
]
