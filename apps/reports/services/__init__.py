"""Keep the rollups that the figures are read from."""

from apps.reports.services.refresh import dirty_days, rebuild, refresh, refresh_recent

__all__ = ["dirty_days", "rebuild", "refresh", "refresh_recent"]
