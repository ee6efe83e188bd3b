"""Keep the rollups that the figures are read from, and what was said of signals."""

from apps.reports.services.refresh import dirty_days, rebuild, refresh, refresh_recent
from apps.reports.services.signals import review_signal

__all__ = ["dirty_days", "rebuild", "refresh", "refresh_recent", "review_signal"]
