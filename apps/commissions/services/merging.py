"""How the ledger of commission takes a merge of members: it does not change."""

from __future__ import annotations

from apps.members.services import movers


def register() -> None:
    """Register the ledger's mover; called once, when the apps are ready."""
    movers.register(movers.stays("a ledger", ("commissions.CommissionEntry", "member")))
