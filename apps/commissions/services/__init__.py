"""The verbs of commission: accrue, reverse, settle a month, rule on disputes."""

from apps.commissions.services.accrue import Accrued, accrue
from apps.commissions.services.disputes import (
    advance_disputes,
    open_dispute,
    pass_dispute_on,
    withdraw_dispute,
)
from apps.commissions.services.months import close_month
from apps.commissions.services.plans import publish_plan
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
    "close_month",
    "mark_settlement_paid",
    "open_dispute",
    "pass_dispute_on",
    "prepare_settlement",
    "publish_plan",
    "reverse",
    "rule",
    "withdraw_dispute",
]
