"""What holds of every decision, whatever happened: tried on facts made by chance.

`STEPS=1000000 pytest -m slow tests/rules/test_credit_properties.py` is the full size.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.attribution.rules import (
    DEFAULT,
    HOLDS,
    BindingFacts,
    Decision,
    LineFacts,
    OrderFacts,
    Part,
    Policy,
    StaffFacts,
    Status,
    TouchFacts,
    decide,
)
from apps.core.money import WHOLE
from tests.rules.test_credit import (
    BOOKED,
    BY_LIN,
    CHANG,
    CHAT_FIRST,
    CHEN,
    COAT,
    DAY,
    HUANG,
    KNIT,
    LEAVERS_PASSED,
    LIN,
    OLD,
    PLACED,
    TICK,
    TILL,
    WEB,
    bond,
    policy,
)

KINDS = [
    "link_sent", "link_click", "chat_reply", "cart_built", "cart_opened",
    "coupon_issued", "coupon_redeemed", "booking", "campaign_click",
]  # fmt: skip
EVERYBODY = [LIN, HUANG, CHANG, CHEN]
EDGES = [7 * DAY, 30 * DAY, timedelta(0), TICK, -TICK, 30 * DAY - TICK, 7 * DAY - TICK]
SHARED = [
    replace(DEFAULT, parts=(Part("winner", winner), Part(to, share)))
    for winner, to, share in [
        (7_000, "binding", 3_000), (3_333, "chat", 3_333), (100, "link", 9_900),
        (5_001, "cart", 1_000),
    ]
]  # fmt: skip
LADDERS = [
    DEFAULT, CHAT_FIRST, BOOKED, OLD, LEAVERS_PASSED, policy(start="sent"), *SHARED,
]  # fmt: skip

PEOPLE = st.sampled_from(EVERYBODY)
MOMENTS = st.timedeltas(-2 * DAY, 45 * DAY) | st.sampled_from(EDGES)
TOUCHES = st.lists(
    st.builds(
        lambda staff, kind, before, product, id_: TouchFacts(
            id_, kind, staff, PLACED - before, product_id=product
        ),
        PEOPLE,
        st.sampled_from(KINDS),
        MOMENTS,
        st.sampled_from([None, COAT, KNIT]),
        st.integers(1, 10**6),
    ),
    max_size=9,
    unique_by=lambda touch: touch.id,
)
BINDINGS = st.lists(
    st.builds(bond, PEOPLE, MOMENTS, st.none(), st.integers(1, 99)),
    max_size=3,
    unique_by=lambda binding: binding.id,
)
ORDERS = st.sampled_from([WEB, TILL, BY_LIN, replace(TILL, seller=None)])
SELLERS = st.lists(
    st.tuples(PEOPLE, st.integers(1, 7)), max_size=3, unique_by=lambda own: own[0].id
)
LINES = st.builds(
    lambda product, quantity, sellers: LineFacts(
        1, product, f"{product}-M", quantity, tuple(sellers)
    ),
    st.sampled_from([None, COAT, KNIT]),
    st.integers(1, 9),
    SELLERS,
)
POLICIES = st.sampled_from(LADDERS)


def check(decision: Decision, order: OrderFacts, net: int) -> None:
    """Assert what must hold of any decision."""
    took = {Status.WON, Status.INACTIVE}
    [winner] = [c for c in decision.candidates if c.status in took]
    assert winner.basis == decision.basis
    refused = {
        "expired", "ended", "after_order", "excluded_self", "same_email",
        "same_address", "left", "other_goods",
    }  # fmt: skip
    above = [c for c in decision.candidates if c.rank < winner.rank]
    assert {c.status.value for c in above} <= refused
    assert sum(own.share for own in decision.shares) == WHOLE
    assert all(own.share >= 1 for own in decision.shares)
    holders = [own.staff_id for own in decision.shares]
    assert len(set(holders)) == len(holders)
    may_hold = {c.staff_id for c in decision.candidates if c.status in HOLDS}
    assert {person for person in holders if person} <= may_hold
    amounts = decision.amounts(net)
    assert sum(amounts) == net
    assert all(0 <= amount <= net for amount in amounts)
    held = [c for c in decision.candidates if c.status in HOLDS and c.at]
    assert all(c.at <= order.placed_at for c in held if c.at)


@given(ORDERS, LINES, TOUCHES, BINDINGS, POLICIES, st.integers(0, 10**7))
def test_shares_sum_to_the_whole_and_nobody_above_was_passed_over(
    order: OrderFacts,
    line: LineFacts,
    touches: list[TouchFacts],
    bindings: list[BindingFacts],
    ladder: Policy,
    net: int,
) -> None:
    check(decide(order, line, touches, bindings, ladder), order, net)


@given(ORDERS, LINES, TOUCHES, BINDINGS, POLICIES, st.randoms())
def test_the_order_of_the_facts_does_not_matter(
    order: OrderFacts,
    line: LineFacts,
    touches: list[TouchFacts],
    bindings: list[BindingFacts],
    ladder: Policy,
    chance: random.Random,
) -> None:
    before = decide(order, line, touches, bindings, ladder)
    chance.shuffle(touches)
    chance.shuffle(bindings)
    sellers = list(line.sellers)
    chance.shuffle(sellers)
    shuffled = line._replace(sellers=tuple(sellers))
    assert decide(order, shuffled, touches, bindings, ladder) == before


@given(TOUCHES, BINDINGS)
def test_what_came_after_the_order_changes_nothing(
    touches: list[TouchFacts], bindings: list[BindingFacts]
) -> None:
    line = LineFacts(1, COAT)
    all_of_it = decide(WEB, line, touches, bindings, DEFAULT)
    earlier = [touch for touch in touches if touch.at < PLACED]
    held = [binding for binding in bindings if binding.starts_at <= PLACED]
    without = decide(WEB, line, earlier, held, DEFAULT)
    assert (all_of_it.basis, all_of_it.shares) == (without.basis, without.shares)


@given(LINES, TOUCHES, BINDINGS)
def test_an_old_policy_never_sees_the_new_classes(
    line: LineFacts, touches: list[TouchFacts], bindings: list[BindingFacts]
) -> None:
    known = {"link_sent", "link_click", "chat_reply"}
    before = [touch for touch in touches if touch.kind in known]
    assert decide(WEB, line, touches, bindings, OLD) == decide(
        WEB, line, before, bindings, OLD
    )


def walk(steps: int, seed: int) -> None:
    """Check so many decisions on facts by chance, without the search for edges."""
    chance = random.Random(seed)

    def person() -> StaffFacts:
        return chance.choice(EVERYBODY)

    def before() -> timedelta:
        if chance.random() < 0.2:
            return chance.choice(EDGES)
        return timedelta(seconds=chance.uniform(-172_800, 45 * 86_400))

    for _step in range(steps):
        order = chance.choice([WEB, TILL, BY_LIN])
        touches = [
            TouchFacts(
                number, chance.choice(KINDS), person(), PLACED - before(), None,
                chance.choice([None, COAT, KNIT]),
            )
            for number in range(chance.randrange(8))
        ]  # fmt: skip
        bonds = [bond(person(), before(), None, n) for n in range(chance.randrange(3))]
        sellers = {
            person(): chance.randrange(1, 5) for _n in range(chance.randrange(3))
        }
        line = LineFacts(
            1, chance.choice([None, COAT]), "", chance.randrange(1, 9),
            tuple(sellers.items()),
        )  # fmt: skip
        ladder = chance.choice(LADDERS)
        decision = decide(order, line, touches, bonds, ladder)
        check(decision, order, chance.randrange(10**6))
        chance.shuffle(touches)
        assert decide(order, line, touches, bonds, ladder) == decision


def test_a_short_walk_keeps_the_invariants() -> None:
    walk(2_000, seed=4)


@pytest.mark.slow
def test_a_long_walk_keeps_the_invariants() -> None:
    walk(int(os.environ.get("STEPS", "1000000")), seed=44)
