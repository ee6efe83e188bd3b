"""The errors that each operation declares in the schema."""

from apps.gateway.api.schemas import Problem

# Every sender may meet these: no JSON, no key, no scope, too large, unsound, too often.
SENDING = (400, 401, 403, 413, 422, 429)


def faults(*statuses: int) -> dict[int, type[Problem]]:
    """Return the schema of each of these statuses."""
    return dict.fromkeys(statuses, Problem)
