"""What is done with orders: record them and their refunds, keep members' facts."""

from apps.orders.rules.intake import CustomerIn, LineIn, OrderIn
from apps.orders.rules.refunds import RefundIn, RefundLineIn
from apps.orders.services.answers import Recorded
from apps.orders.services.facts import refresh
from apps.orders.services.intake import record
from apps.orders.services.refunds import record_refunds
from apps.orders.services.upkeep import slide

__all__ = [
    "CustomerIn",
    "LineIn",
    "OrderIn",
    "Recorded",
    "RefundIn",
    "RefundLineIn",
    "record",
    "record_refunds",
    "refresh",
    "slide",
]
