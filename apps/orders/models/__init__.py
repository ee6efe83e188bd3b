"""Orders of every channel, their lines and refunds, and the carts before them."""

from apps.orders.models.cart import Cart, CartLine
from apps.orders.models.invoice import InvoiceClaim, OrderInvoice
from apps.orders.models.order import Order, OrderLine
from apps.orders.models.payment import StorePayment
from apps.orders.models.pickup import CounterSales, Pickup, PickupLine, Reservation
from apps.orders.models.postings import MemberCategory, MemberStore
from apps.orders.models.refund import ParkedRefund, Refund, RefundLine
from apps.orders.models.seller import LineSeller
from apps.orders.models.upkeep import FactsCheck, FactsRebuild
from apps.orders.models.writeoff import WriteOff

__all__ = [
    "Cart",
    "CartLine",
    "CounterSales",
    "FactsCheck",
    "FactsRebuild",
    "InvoiceClaim",
    "LineSeller",
    "MemberCategory",
    "MemberStore",
    "Order",
    "OrderInvoice",
    "OrderLine",
    "ParkedRefund",
    "Pickup",
    "PickupLine",
    "Refund",
    "RefundLine",
    "Reservation",
    "StorePayment",
    "WriteOff",
]
