"""What must always hold of loyalty: each query returns no row."""

from apps.loyalty.invariants.coupons import COUPONS
from apps.loyalty.invariants.points import POINTS

INVARIANTS = {**POINTS, **COUPONS}
