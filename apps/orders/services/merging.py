"""How orders follow a merge of members."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.loyalty.services import merging as loyalty
from apps.members.services import movers
from apps.members.services.movers import Merging
from apps.orders.services import upkeep


@dataclass(frozen=True)
class Orders(movers.Rows):
    """Orders become the keeper's, and what both ever bought is summed anew.

    Decided credit stands: who served a customer then served them then.
    """

    def move(self, merging: Merging) -> int:
        """Move the orders and bring the facts of both up to date."""
        moved = super().move(merging)
        _refresh(merging)
        return moved

    def undo(self, merging: Merging) -> None:
        """Give the orders back and bring the facts of both up to date."""
        super().undo(merging)
        _refresh(merging)


def register() -> None:
    """Register the movers of orders; called once, when the apps are ready."""
    movers.register(
        Orders("orders.Order", pgettext_lazy("plural", "訂單")),
        movers.Rows("orders.Cart", _("購物車")),
        movers.Rows(
            "orders.InvoiceClaim", _("發票登錄"), apart=("number", "issued_on")
        ),
        movers.stays(
            "made anew from the orders",
            ("orders.MemberStore", "member"),
            ("orders.MemberCategory", "member"),
        ),
    )
    loyalty.register_tiers()


def _refresh(merging: Merging) -> None:
    upkeep.refresh_members([merging.keeper.pk, merging.loser.pk], now=merging.now)
