"""The verbs of commission: accrue, reverse, close a month, publish a plan."""

from apps.commissions.services.accrue import Accrued, accrue
from apps.commissions.services.months import close_month
from apps.commissions.services.plans import publish_plan
from apps.commissions.services.reverse import reverse

__all__ = ["Accrued", "accrue", "close_month", "publish_plan", "reverse"]
