"""What of a basket points may pay while HQ keeps them from paying for some of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from apps.loyalty.rules.coupons import Basket

ANYWHERE = ""  # the channel of a basket that nobody told the channel of


@dataclass(frozen=True)
class Pause:
    """A time in which points pay nothing; empty sets mean all channels, all goods."""

    reason: str
    channels: frozenset[str] = frozenset()
    categories: frozenset[int] = frozenset()

    def meets(self, channel: str) -> bool:
        """Tell whether it holds there; where nobody says where, it is held to."""
        return not self.channels or channel == ANYWHERE or channel in self.channels


@dataclass(frozen=True)
class Payable:
    """What points may pay of a basket (NT$).

    `why` is the reason why they may pay nothing, `note` why they may not pay all.
    """

    total: int
    why: str = ""
    note: str = ""


def payable(basket: Basket, pauses: Iterable[Pause]) -> Payable:
    """Return what of the basket points may pay, whatever else limits them.

    Where no lines are told, nobody knows the goods: a pause of some categories then
    leaves the sum as it is, and the person at the till answers for it.
    """
    here = [pause for pause in pauses if pause.meets(basket.channel)]
    for pause in here:
        if not pause.categories:
            return Payable(0, why=pause.reason)
    paused = {each: pause.reason for pause in here for each in pause.categories}
    out = [item for item in basket.items if item.category_id in paused]
    if not out:
        return Payable(basket.total)
    reason = paused[out[0].category_id or 0]
    left = basket.total - sum(item.amount for item in out)
    return Payable(left, note=reason) if left > 0 else Payable(0, why=reason)
