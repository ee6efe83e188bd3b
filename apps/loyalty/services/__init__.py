"""The verbs of loyalty."""

from apps.loyalty.services.tiers import placing, review

__all__ = ["placing", "review"]
