"""How the rights of members follow a merge."""

from __future__ import annotations

from apps.members.services import movers


def register() -> None:
    """Register the movers of loyalty; called once, when the apps are ready."""
    movers.register(
        movers.stays("a tier follows the spending", ("loyalty.Standing", "member")),
    )
