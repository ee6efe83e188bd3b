"""Who earns an order line: a table of named cases, and what holds for all of them."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.attribution.rules import (
    DEFAULT,
    BindingFacts,
    Candidate,
    LineFacts,
    Policy,
    Rung,
    StaffFacts,
    Status,
    TouchFacts,
    decide,
)
from apps.core.clock import TAIPEI

# 20 November 2026, 21:12 in Taipei.
PLACED = datetime(2026, 11, 20, 21, 12, tzinfo=TAIPEI)
DAY, MINUTE, TICK = timedelta(days=1), timedelta(minutes=1), timedelta(microseconds=1)

LIN = StaffFacts(1, phone="0912-000-001", store_id=10)
HUANG = StaffFacts(2, phone="+886912000002", store_id=20)
CHANG = StaffFacts(3, store_id=30)
# Chen's last day was the day before the order, in Taipei.
MIDNIGHT = datetime(2026, 11, 20, tzinfo=TAIPEI)
CHEN = StaffFacts(4, active_until=MIDNIGHT, store_id=40)

COAT, KNIT = 501, 502
WEB = LineFacts(1, PLACED, product_id=COAT)
TILL = replace(WEB, is_online=False, store_id=99, seller=LIN)


def click(
    staff: StaffFacts,
    before: timedelta,
    number: int = 1,
    *,
    product_id: int | None = None,
    store_id: int | None = None,
) -> TouchFacts:
    """Return a click on the person's link, so long before the order."""
    at = PLACED - before
    return TouchFacts(number, "link_click", staff, at, store_id, product_id)


def sent(staff: StaffFacts, before: timedelta, number: int = 1) -> TouchFacts:
    """Return a link sent by the person."""
    return TouchFacts(number, "link_sent", staff, PLACED - before)


def chat(staff: StaffFacts, before: timedelta, number: int = 1) -> TouchFacts:
    """Return a reply of the person in the member's conversation."""
    return TouchFacts(number, "chat_reply", staff, PLACED - before)


def bond(
    staff: StaffFacts,
    since: timedelta = 98 * DAY,
    until: timedelta | None = None,
    number: int = 1,
) -> BindingFacts:
    """Return the person's bond to the buyer; `until` is before the order as well."""
    ends = None if until is None else PLACED - until
    return BindingFacts(number, staff, staff.store_id, PLACED - since, ends)


def policy(**changes: object) -> Policy:
    """Return the default policy with the link's rung changed."""
    rungs = tuple(
        replace(rung, **changes) if rung.basis == "link" else rung  # type: ignore[arg-type]
        for rung in DEFAULT.rungs
    )
    return replace(DEFAULT, rungs=rungs)


@dataclass(frozen=True)
class Case:
    """Facts and who earns the line by which class; no staff is a house."""

    facts: tuple[TouchFacts | BindingFacts, ...]
    basis: str
    staff: StaffFacts | None = None
    line: LineFacts = WEB
    policy: Policy = DEFAULT
    store: int | None = None


OFF_LADDER = replace(
    DEFAULT, rungs=tuple(rung for rung in DEFAULT.rungs if rung.basis != "chat")
)
CHAT_FIRST = replace(
    DEFAULT,
    rungs=(Rung("chat", days=7), Rung("link", days=30), Rung("binding"), Rung("house")),
)
NEW_YEAR = replace(WEB, placed_at=datetime(2027, 1, 1, tzinfo=TAIPEI))
BY_LIN = replace(WEB, buyer_phones=frozenset({"+886912000001"}))

CASES: dict[str, Case] = {
    "nothing at all is the house's": Case((), "house"),
    "an unattended sale in a store is that store's house": Case(
        (), "house", line=replace(TILL, seller=None), store=99
    ),
    "the seller at the till takes the line": Case(
        (), "pos_seller", LIN, TILL, store=99
    ),
    "the seller beats a link": Case(
        (click(HUANG, MINUTE),), "pos_seller", LIN, TILL, store=99
    ),
    "the seller beats a binding": Case(
        (bond(HUANG),), "pos_seller", LIN, TILL, store=99
    ),
    "a seller on a web order does not count": Case(
        (), "house", line=replace(WEB, seller=LIN)
    ),
    "a sale in a store without a seller may be a link's": Case(
        (click(HUANG, DAY),), "link", HUANG, replace(TILL, seller=None), store=20
    ),
    "a click takes the line": Case((click(LIN, MINUTE),), "link", LIN, store=10),
    "a click names the store of its link": Case(
        (click(LIN, MINUTE, store_id=77),), "link", LIN, store=77
    ),
    "a click beats a later chat": Case(
        (click(LIN, 5 * DAY), chat(HUANG, MINUTE)), "link", LIN, store=10
    ),
    "a click beats a binding": Case(
        (click(LIN, DAY), bond(HUANG)), "link", LIN, store=10
    ),
    "the later click wins": Case(
        (click(LIN, 2 * DAY), click(HUANG, DAY, 2)), "link", HUANG, store=20
    ),
    "clicks of the same second: the lower id wins": Case(
        (click(LIN, MINUTE, 8), click(HUANG, MINUTE, 7)), "link", HUANG, store=20
    ),
    "microseconds inside a second do not decide": Case(
        (click(LIN, MINUTE, 8), click(HUANG, MINUTE - TICK, 9)), "link", LIN, store=10
    ),
    "a second decides": Case(
        (click(LIN, MINUTE, 8), click(HUANG, MINUTE - timedelta(seconds=1), 9)),
        "link",
        HUANG,
        store=20,
    ),
    "a link to this product beats a later link to another": Case(
        (click(LIN, 9 * DAY, product_id=COAT), click(HUANG, DAY, 2, product_id=KNIT)),
        "link",
        LIN,
        store=10,
    ),
    "a link to another product counts where none shows this one": Case(
        (click(HUANG, DAY, product_id=KNIT),), "link", HUANG, store=20
    ),
    "of two links to this product the later wins": Case(
        (click(LIN, 9 * DAY, product_id=COAT), click(HUANG, DAY, 2, product_id=COAT)),
        "link",
        HUANG,
        store=20,
    ),
    "a link without a product matches no product": Case(
        (click(LIN, DAY), click(HUANG, 2 * DAY, 2, product_id=COAT)),
        "link",
        HUANG,
        store=20,
    ),
    "a line without a product takes the latest link": Case(
        (click(LIN, 2 * DAY, product_id=COAT), click(HUANG, DAY, 2)),
        "link",
        HUANG,
        replace(WEB, product_id=None),
        store=20,
    ),
    "a policy may ignore the product": Case(
        (click(LIN, 9 * DAY, product_id=COAT), click(HUANG, DAY, 2)),
        "link",
        HUANG,
        policy=policy(product_first=False),
        store=20,
    ),
    "a link to this product that ran out does not count": Case(
        (click(LIN, 31 * DAY, product_id=COAT), click(HUANG, DAY, 2)),
        "link",
        HUANG,
        store=20,
    ),
    "a click in the last microsecond of 30 days counts": Case(
        (click(LIN, 30 * DAY - TICK),), "link", LIN, store=10
    ),
    "a click exactly 30 days before has run out": Case(
        (click(LIN, 30 * DAY),), "house"
    ),
    "a click a microsecond before the order counts": Case(
        (click(LIN, TICK),), "link", LIN, store=10
    ),
    "a click at the order's own moment is too late": Case(
        (click(LIN, timedelta(0)),), "house"
    ),
    "a click after the order is too late": Case((click(LIN, -MINUTE),), "house"),
    "a shorter window of a policy": Case(
        (click(LIN, 14 * DAY),), "house", policy=policy(days=14)
    ),
    "a link that was sent and not opened does not count": Case(
        (sent(LIN, MINUTE),), "house"
    ),
    "a policy may count from the sending": Case(
        (sent(LIN, MINUTE),), "link", LIN, policy=policy(start="sent"), store=10
    ),
    "counted from the sending, a click adds nothing": Case(
        (sent(LIN, 40 * DAY), click(LIN, MINUTE, 2)),
        "house",
        policy=policy(start="sent"),
    ),
    "a chat takes the line": Case((chat(LIN, DAY),), "chat", LIN, store=10),
    "a chat in the last microsecond of 7 days counts": Case(
        (chat(LIN, 7 * DAY - TICK),), "chat", LIN, store=10
    ),
    "a chat exactly 7 days before has run out": Case((chat(LIN, 7 * DAY),), "house"),
    "a chat beats a binding": Case(
        (chat(LIN, DAY), bond(HUANG)), "chat", LIN, store=10
    ),
    "the later chat wins": Case(
        (chat(LIN, 2 * DAY), chat(HUANG, DAY, 2)), "chat", HUANG, store=20
    ),
    "a policy without chats does not see them": Case(
        (chat(LIN, DAY), bond(HUANG)), "binding", HUANG, policy=OFF_LADDER, store=20
    ),
    "a policy may set chats above links": Case(
        (chat(LIN, DAY), click(HUANG, MINUTE, 2)),
        "chat",
        LIN,
        policy=CHAT_FIRST,
        store=10,
    ),
    "a binding takes what nobody else does": Case(
        (bond(LIN),), "binding", LIN, store=10
    ),
    "a binding that starts with the order counts": Case(
        (bond(LIN, timedelta(0)),), "binding", LIN, store=10
    ),
    "a binding a microsecond after the order is too late": Case(
        (bond(LIN, -TICK),), "house"
    ),
    "a binding that ends with the order has ended": Case(
        (bond(LIN, until=timedelta(0)),), "house"
    ),
    "a binding that ends a microsecond later holds": Case(
        (bond(LIN, until=-TICK),), "binding", LIN, store=10
    ),
    "the old and the new binding: the one in force": Case(
        (bond(LIN, until=3 * DAY), bond(HUANG, 3 * DAY, number=2)),
        "binding",
        HUANG,
        store=20,
    ),
    "an expired click falls to the binding": Case(
        (click(HUANG, 30 * DAY), bond(LIN)), "binding", LIN, store=10
    ),
    "a leaver's link is the store's house": Case(
        (click(CHEN, DAY),), "link", None, store=40
    ),
    "a leaver's link still outranks a binding": Case(
        (click(CHEN, DAY), bond(LIN)), "link", None, store=40
    ),
    "a leaver earns up to the last microsecond of the last day": Case(
        (click(CHEN, DAY),),
        "link",
        CHEN,
        replace(WEB, placed_at=MIDNIGHT - TICK),
        store=40,
    ),
    "from midnight in Taipei the leaver earns no more": Case(
        (click(CHEN, DAY),), "link", None, replace(WEB, placed_at=MIDNIGHT), store=40
    ),
    "midnight in Taipei is four in the afternoon in UTC": Case(
        (click(CHEN, DAY),),
        "link",
        None,
        replace(WEB, placed_at=datetime(2026, 11, 19, 16, tzinfo=UTC)),
        store=40,
    ),
    "the first moment of a year": Case(
        (TouchFacts(1, "link_click", LIN, NEW_YEAR.placed_at - TICK),),
        "link",
        LIN,
        NEW_YEAR,
        store=10,
    ),
    "who buys from themselves earns nothing": Case(
        (click(LIN, MINUTE), chat(LIN, MINUTE, 2), bond(LIN)), "house", line=BY_LIN
    ),
    "a colleague earns from staff who buy": Case(
        (click(LIN, MINUTE), bond(HUANG)), "binding", HUANG, BY_LIN, store=20
    ),
    "a seller who rings up their own purchase earns nothing": Case(
        (),
        "house",
        line=replace(TILL, buyer_phones=frozenset({"0912000001"})),
        store=99,
    ),
    "one of several telephones is enough": Case(
        (bond(HUANG),),
        "house",
        line=replace(WEB, buyer_phones=frozenset({"+886922", "0912 000 002"})),
    ),
    "a policy may allow buying from oneself": Case(
        (bond(LIN),),
        "binding",
        LIN,
        BY_LIN,
        replace(DEFAULT, exclude_self=False),
        store=10,
    ),
    "staff without a telephone are nobody's double": Case(
        (bond(CHANG),),
        "binding",
        CHANG,
        replace(WEB, buyer_phones=frozenset({""})),
        store=30,
    ),
    "an unknown kind of touch is not seen": Case(
        (TouchFacts(1, "wave", LIN, PLACED - MINUTE),), "house"
    ),
}


def ruling(case: Case, *, shuffled: int | None = None) -> tuple[Candidate, ...]:
    """Return the decision's candidates after checking who won."""
    facts = list(case.facts)
    if shuffled is not None:
        random.Random(shuffled).shuffle(facts)
    touches = [fact for fact in facts if isinstance(fact, TouchFacts)]
    bindings = [fact for fact in facts if isinstance(fact, BindingFacts)]
    decision = decide(case.line, touches, bindings, case.policy)
    staff_id = case.staff.id if case.staff else None
    got = (decision.basis, decision.staff_id, decision.store_id)
    assert got == (case.basis, staff_id, case.store)
    return decision.candidates


@pytest.mark.parametrize("name", CASES)
def test_who_earns_the_line(name: str) -> None:
    candidates = ruling(CASES[name])
    assert sum(c.status in {Status.WON, Status.INACTIVE} for c in candidates) == 1
    assert all(ruling(CASES[name], shuffled=seed) == candidates for seed in range(5))


def status_of(staff: StaffFacts, *facts: TouchFacts | BindingFacts) -> list[str]:
    """Return what became of the person's candidacies on the web order."""
    touches = [fact for fact in facts if isinstance(fact, TouchFacts)]
    bindings = [fact for fact in facts if isinstance(fact, BindingFacts)]
    decision = decide(BY_LIN, touches, bindings, DEFAULT)
    return [c.status.value for c in decision.candidates if c.staff_id == staff.id]


def test_every_loser_is_told_why() -> None:
    winner = click(HUANG, DAY, 1, product_id=COAT)
    assert status_of(CHANG, winner, click(CHANG, 2 * DAY, 2)) == ["product_won"]
    assert status_of(CHANG, click(HUANG, DAY), click(CHANG, 2 * DAY, 2)) == [
        "later_won"
    ]
    assert status_of(CHANG, winner, chat(CHANG, DAY, 2)) == ["outranked"]
    assert status_of(CHANG, winner, bond(CHANG)) == ["outranked"]
    assert status_of(CHANG, winner, click(CHANG, 31 * DAY, 2)) == ["expired"]
    assert status_of(CHANG, winner, chat(CHANG, -MINUTE, 2)) == ["after_order"]
    assert status_of(CHANG, winner, bond(CHANG, until=DAY)) == ["ended"]
    assert status_of(LIN, winner, chat(LIN, DAY, 2)) == ["excluded_self"]
    assert status_of(CHEN, click(CHEN, DAY)) == ["inactive"]


def test_a_person_is_a_candidate_once_a_class_with_the_best_act() -> None:
    facts = [chat(LIN, (9 - n) * DAY, n) for n in range(1, 7)]
    decision = decide(WEB, facts, [], DEFAULT)
    [own] = [c for c in decision.candidates if c.staff_id == LIN.id]
    assert (own.times, own.evidence_id, own.at) == (6, "6", PLACED - 3 * DAY)


def test_the_house_stands_last_whoever_won() -> None:
    decision = decide(WEB, [chat(LIN, DAY)], [], DEFAULT)
    assert decision.candidates[-1].basis == "house"
    assert decision.candidates[-1].status is Status.UNUSED


def test_a_candidate_survives_being_stored() -> None:
    decision = decide(WEB, [chat(LIN, DAY)], [bond(HUANG)], DEFAULT)
    stored = [candidate.as_json() for candidate in decision.candidates]
    assert tuple(map(Candidate.from_json, stored)) == decision.candidates


def test_buying_from_oneself_is_flagged() -> None:
    decision = decide(BY_LIN, [chat(LIN, DAY)], [bond(HUANG)], DEFAULT)
    assert decision.is_self_purchase
    assert decision.people == [LIN.id, HUANG.id]


PEOPLE = st.sampled_from([LIN, HUANG, CHANG, CHEN])
MOMENTS = st.timedeltas(-2 * DAY, 45 * DAY) | st.sampled_from(
    [7 * DAY, 30 * DAY, timedelta(0), TICK, -TICK, 30 * DAY - TICK]
)
TOUCHES = st.lists(
    st.builds(
        lambda staff, kind, before, product, id_: TouchFacts(
            id_, kind, staff, PLACED - before, product_id=product
        ),
        PEOPLE,
        st.sampled_from(["link_sent", "link_click", "chat_reply"]),
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
LINES = st.sampled_from([WEB, TILL, BY_LIN, replace(WEB, product_id=None)])
POLICIES = st.sampled_from([DEFAULT, CHAT_FIRST, OFF_LADDER, policy(start="sent")])


@given(LINES, TOUCHES, BINDINGS, POLICIES, st.randoms())
def test_the_order_of_the_facts_does_not_matter(
    line: LineFacts,
    touches: list[TouchFacts],
    bindings: list[BindingFacts],
    ladder: Policy,
    chance: random.Random,
) -> None:
    before = decide(line, touches, bindings, ladder)
    chance.shuffle(touches)
    chance.shuffle(bindings)
    assert decide(line, touches, bindings, ladder) == before


@given(LINES, TOUCHES, BINDINGS, POLICIES)
def test_exactly_one_takes_the_line_and_nobody_above_could_have(
    line: LineFacts,
    touches: list[TouchFacts],
    bindings: list[BindingFacts],
    ladder: Policy,
) -> None:
    decision = decide(line, touches, bindings, ladder)
    took = {Status.WON, Status.INACTIVE}
    [winner] = [c for c in decision.candidates if c.status in took]
    assert winner.basis == decision.basis
    refused = {"expired", "ended", "after_order", "excluded_self"}
    above = [c for c in decision.candidates if c.rank < winner.rank]
    assert {c.status.value for c in above} <= refused
    assert all(
        c.at < line.placed_at for c in [winner] if c.evidence_type == "touch" and c.at
    )


@given(TOUCHES, BINDINGS)
def test_what_came_after_the_order_changes_nothing(
    touches: list[TouchFacts], bindings: list[BindingFacts]
) -> None:
    all_of_it = decide(WEB, touches, bindings, DEFAULT)
    earlier = [touch for touch in touches if touch.at < PLACED]
    held = [binding for binding in bindings if binding.starts_at <= PLACED]
    without = decide(WEB, earlier, held, DEFAULT)
    assert (all_of_it.basis, all_of_it.staff_id) == (without.basis, without.staff_id)


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"classes": []},
        {"classes": [{"basis": "link", "days": 30}]},
        {"classes": [{"basis": "house"}, {"basis": "binding"}]},
        {"classes": [{"basis": "house"}, {"basis": "house"}]},
        {"classes": [{"basis": "luck"}, {"basis": "house"}]},
        {"classes": [{"basis": "link"}, {"basis": "house"}]},
        {"classes": [{"basis": "link", "days": 0}, {"basis": "house"}]},
        {"classes": [{"basis": "chat", "days": "7"}, {"basis": "house"}]},
        {"classes": [{"basis": "link", "days": 9, "start": "x"}, {"basis": "house"}]},
        {"classes": [{"basis": "house"}], "cooling_off_days": -1},
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(rules: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Policy.from_json(rules)


@pytest.mark.parametrize("ladder", [DEFAULT, CHAT_FIRST, policy(start="sent", days=14)])
def test_a_policy_survives_being_stored(ladder: Policy) -> None:
    assert Policy.from_json(ladder.as_json()) == ladder
