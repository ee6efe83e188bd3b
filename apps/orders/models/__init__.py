"""Orders of every channel, their lines and refunds, and the carts before them."""

from apps.orders.models.cart import Cart, CartLine
from apps.orders.models.order import Order, OrderLine
from apps.orders.models.refund import ParkedRefund, Refund, RefundLine

__all__ = [
    "Cart",
    "CartLine",
    "Order",
    "OrderLine",
    "ParkedRefund",
    "Refund",
    "RefundLine",
]
