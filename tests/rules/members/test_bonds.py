"""What an attempt to bind comes to."""

import pytest

from apps.members.rules.bonds import Attempt, Bond, Kind, Policy, decide

MINE = Bond(staff_id=1, store_id=10, is_served=True)
GONE = Bond(staff_id=1, store_id=10, is_served=False)


@pytest.mark.parametrize(
    ("current", "attempt", "policy", "kind", "reason"),
    [
        (None, (1, 10, "login"), "replace", Kind.BOUND, "unbound"),
        (None, (1, 10, "import"), "keep", Kind.BOUND, "unbound"),
        (MINE, (1, 10, "login"), "replace", Kind.ALREADY, "same_slot"),
        (MINE, (1, 10, "login"), "keep", Kind.ALREADY, "same_slot"),
        (MINE, (1, 11, "login"), "keep", Kind.REPLACED, "same_person_other_store"),
        (MINE, (2, 10, "login"), "replace", Kind.REPLACED, "policy"),
        (MINE, (2, 10, "message"), "keep", Kind.KEPT, "policy"),
        (GONE, (2, 10, "liff"), "keep", Kind.REPLACED, "salesperson_gone"),
        (MINE, (2, 10, "manual"), "keep", Kind.REPLACED, "by_brand"),
        (MINE, (2, 10, "handover"), "keep", Kind.REPLACED, "by_brand"),
        (MINE, (2, 10, "import"), "replace", Kind.KEPT, "imports_take_nobody"),
    ],
)
def test_a_bond_is_decided(
    current: Bond | None,
    attempt: tuple[int, int, str],
    policy: str,
    kind: Kind,
    reason: str,
) -> None:
    decision = decide(current, Attempt(*attempt), policy=Policy(policy))
    assert (decision.kind, decision.reason) == (kind, reason)
