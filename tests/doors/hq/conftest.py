"""The cast of the pages about sales."""

from tests.doors.sales import (
    as_,
    chen,
    hq,
    lin,
    other_store,
    siyu,
    store,
    wang,
)

__all__ = ["as_", "chen", "hq", "lin", "other_store", "siyu", "store", "wang"]
