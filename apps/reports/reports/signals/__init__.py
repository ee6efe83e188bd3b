"""What may be worth a look, with the facts: nothing here accuses anybody."""

from apps.reports.reports.signals.find import find, find_one
from apps.reports.reports.signals.shapes import Evidence, Found, Signal, thresholds
from apps.reports.reports.signals.told import signals

__all__ = [
    "Evidence",
    "Found",
    "Signal",
    "find",
    "find_one",
    "signals",
    "thresholds",
]
