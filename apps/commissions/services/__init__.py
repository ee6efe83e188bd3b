"""The verbs of commission: plans, the ledger, months settled, rulings, corrections."""

from apps.commissions.services.accrue import Accrued, accrue
from apps.commissions.services.bonuses import pay_pickups, pay_recruits
from apps.commissions.services.corrections import correct_credit
from apps.commissions.services.disputes import (
    advance_disputes,
    open_dispute,
    pass_dispute_on,
    withdraw_dispute,
)
from apps.commissions.services.faults import rule_refund
from apps.commissions.services.month_terms import settle_terms
from apps.commissions.services.months import close_month
from apps.commissions.services.plan_drafts import (
    begin_plan_draft,
    discard_plan_draft,
    publish_plan_draft,
    revise_plan_draft,
)
from apps.commissions.services.plans import end_plan, publish_plan
from apps.commissions.services.reverse import reverse
from apps.commissions.services.rulings import rule
from apps.commissions.services.settle import (
    approve_settlement,
    mark_settlement_paid,
    prepare_settlement,
)

__all__ = [
    "Accrued",
    "accrue",
    "advance_disputes",
    "approve_settlement",
    "begin_plan_draft",
    "close_month",
    "correct_credit",
    "discard_plan_draft",
    "end_plan",
    "mark_settlement_paid",
    "open_dispute",
    "pass_dispute_on",
    "pay_pickups",
    "pay_recruits",
    "prepare_settlement",
    "publish_plan",
    "publish_plan_draft",
    "reverse",
    "revise_plan_draft",
    "rule",
    "rule_refund",
    "settle_terms",
    "withdraw_dispute",
]
