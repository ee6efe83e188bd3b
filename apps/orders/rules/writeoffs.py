"""How long after its moment a scan of a tablet without a net still counts."""

from __future__ import annotations

from datetime import datetime, timedelta

WAITS = timedelta(hours=72)


def late(scanned_at: datetime, *, now: datetime) -> bool:
    """Tell whether the scan came too long after it was made to be judged by then."""
    return now - scanned_at > WAITS
