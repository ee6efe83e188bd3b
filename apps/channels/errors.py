"""The errors of the adapters.

Exception
├── Unavailable    the channel did not answer a question (no message was at stake)
└── core.Refused   what a person may read: a sign-in not completed, a text too long
"""

from __future__ import annotations

from apps.channels.outcome import Outcome


class Unavailable(Exception):  # noqa: N818  (a state of the channel, not our fault)
    """The channel gave no usable answer; `outcome` says why."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(f"{outcome.verdict} {outcome.status}: {outcome.reason}")
        self.outcome = outcome
