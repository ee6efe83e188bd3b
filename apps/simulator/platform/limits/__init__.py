"""LINE's limits that its schema does not state: lengths, sizes, addresses, counts."""

from apps.simulator.platform.limits.messages import check_messages, check_units

__all__ = ["check_messages", "check_units"]
