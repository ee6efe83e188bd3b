"""Money is whole New Taiwan dollars; rates and shares are basis points."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import models

WHOLE = 10_000


if TYPE_CHECKING:
    WholeNumberField = models.BigIntegerField[int, int]
else:
    WholeNumberField = models.BigIntegerField


class MoneyField(WholeNumberField):
    """An amount in whole New Taiwan dollars; negative for what is taken back."""

    description = "Amount (NT$)"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", 0)
        super().__init__(*args, **kwargs)


def share_of(amount: int, basis_points: int) -> int:
    """Return the share of an amount, rounded half away from zero to a dollar."""
    scaled = abs(amount) * basis_points
    rounded = (scaled + WHOLE // 2) // WHOLE
    return rounded if amount >= 0 else -rounded


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """Split an amount by weights so that the parts sum to it exactly.

    Largest remainder; of equal remainders the earlier part gets the dollar.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights must not be negative and must sum to more than zero")
    sign = 1 if amount >= 0 else -1
    scaled = [abs(amount) * weight for weight in weights]
    parts = [value // total for value in scaled]
    rest = abs(amount) - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(scaled[i] % total), i))
    for i in by_remainder[:rest]:
        parts[i] += 1
    return [sign * part for part in parts]
