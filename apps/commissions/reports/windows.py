"""When sales count as kept, by the policies that held in their time."""

from __future__ import annotations

from datetime import date

from apps.attribution.reports import policies
from apps.commissions import rules
from apps.core import clock


def payable_on(month: date) -> date:
    """Return the day (Taipei) from which every sale of the month has been kept.

    Of the policies that held during the month the longest return window counts.
    """
    versions = policies.published()
    starts, ends = clock.start_of(month), clock.start_of(clock.next_month(month))
    held = [policies.in_force(versions, starts)]
    held += [each for each in versions if starts < each.effective_from < ends]
    days = max(version.rules.cooling_off_days for version in held)
    return rules.month_payable_on(month, days)
