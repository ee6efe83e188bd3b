"""What a credit pays: plans, the ledger, months settled, disputes and corrections."""

from apps.commissions.models.dispute import Dispute, Ruling
from apps.commissions.models.fault import Correction, RefundRuling
from apps.commissions.models.ledger import ClosedMonth, CommissionEntry
from apps.commissions.models.plan import Plan, PlanDraft, PlanTerms
from apps.commissions.models.settlement import Settlement, SettlementLine

__all__ = [
    "ClosedMonth",
    "CommissionEntry",
    "Correction",
    "Dispute",
    "Plan",
    "PlanDraft",
    "PlanTerms",
    "RefundRuling",
    "Ruling",
    "Settlement",
    "SettlementLine",
]
