"""An order as it comes in: is it sound, what is each line worth, does it replace what
is recorded?

Discounts of the whole order are split over the lines by what each costs after its own
discount (largest remainder), so that the lines sum to the order to the dollar.
"""

from apps.orders.rules.intake.pricing import Priced, PricedLine, price
from apps.orders.rules.intake.told import CURRENCY, CustomerIn, LineIn, OrderIn
from apps.orders.rules.intake.versions import (
    Status,
    Verdict,
    Version,
    follow,
    judge,
    keep,
)

__all__ = [
    "CURRENCY",
    "CustomerIn",
    "LineIn",
    "OrderIn",
    "Priced",
    "PricedLine",
    "Status",
    "Verdict",
    "Version",
    "follow",
    "judge",
    "keep",
    "price",
]
