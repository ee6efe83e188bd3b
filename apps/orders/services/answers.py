"""What is answered for each row of a batch, in the batch's order."""

from __future__ import annotations

from dataclasses import dataclass

from apps.orders.rules.checks import Problem
from apps.orders.rules.intake import Status


@dataclass(frozen=True)
class Recorded:
    """What became of a row; for a rejected one the field and why."""

    external_id: str
    status: Status
    field: str = ""
    why: str = ""

    @classmethod
    def of(
        cls, external_id: str, status: Status, problem: Problem | None = None
    ) -> Recorded:
        """Return the answer, with what was wrong if anything was."""
        if problem is None:
            return cls(external_id, status)
        return cls(external_id, status, problem.field, problem.why)
