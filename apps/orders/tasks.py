"""What runs by itself in the rooms of orders."""

from __future__ import annotations

from apps.core import clock
from apps.orders import services as orders


def tidy() -> None:
    """Close what is over: carts, payments, pickups; let go what was kept for them."""
    now = clock.now()
    orders.sweep_carts(now=now)
    orders.expire_payments(now=now)
    orders.expire_pickups(now=now)
    orders.release_shipped(now=now)
    orders.release_overdue(now=now)


def settle_invoices() -> None:
    """Settle the invoices that customers showed before their orders came."""
    orders.settle_invoices(now=clock.now())
