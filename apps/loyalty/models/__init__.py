"""The members' rights: tiers and who stands where."""

from apps.loyalty.models.tiers import Standing, Tier

__all__ = ["Standing", "Tier"]
