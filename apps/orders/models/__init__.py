"""Orders of every channel, their lines and their refunds."""

from apps.orders.models.order import Order, OrderLine
from apps.orders.models.refund import ParkedRefund, Refund, RefundLine

__all__ = ["Order", "OrderLine", "ParkedRefund", "Refund", "RefundLine"]
