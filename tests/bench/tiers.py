"""The nightly review of tiers beside one statement written by hand for these tiers.

Of every fifty members one has spent enough to come up and one's tier is over; both
sides write the standings and the history of whoever moves, and nobody else, and take
it back. Both must leave the same standings and the same history.
`manage.py bench tiers --members 1000000` is the night of a million members.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.db import transaction

from apps.loyalty import services as loyalty
from apps.loyalty.models import Tier
from tests.bench import database, loading
from tests.bench.harness import Row, compare

STIR = (
    """
    update members_memberfacts set spend_12m = spend_12m + 100000
    where member_id %% 50 = 7
    """,
    """
    update loyalty_standing set until = %(now)s, since = %(now)s - interval '12 months'
    where member_id %% 50 = 8
    """,
)
FLOOR = """
    with judged as (
        select facts.member_id, held.tier_id as before_id, held.since, facts.spend_12m,
               case when held.since is null then 0 else (case held.tier_id {held} end)
               end as held,
               case {goal} else 0 end as goal,
               held.until is not null and held.until <= %(now)s as is_over
        from members_memberfacts facts
        left join loyalty_standing held on held.member_id = facts.member_id
    ), moved as (
        select *, case when goal > held then 'upgrade'
                       when goal = held or spend_12m >= (case before_id {renews} end)
                       then 'renewal' else 'expiry' end as reason
        from judged where goal > held or is_over
    ), kept as (
        insert into loyalty_standing (member_id, tier_id, since, until, "right")
        select member_id,
               case case when reason = 'renewal' then held else goal end {tiers} end,
               case when reason = 'renewal' then since else %(now)s end,
               %(until)s, 'spend'
        from moved
        on conflict (member_id) do update
        set tier_id = excluded.tier_id, since = excluded.since, until = excluded.until,
            "right" = 'spend'
        returning member_id, tier_id
    )
    insert into loyalty_tierchange
        (member_id, before_id, after_id, reason, spent, until, note, by_id, at)
    select moved.member_id, before_id, tier_id, reason, spend_12m, %(until)s, '', null,
           %(now)s
    from moved join kept on kept.member_id = moved.member_id
"""
STANDS = """
    select md5(string_agg(row(member_id, tier_id, since, until, "right")::text, ','
                          order by member_id)) from loyalty_standing
"""
TOLD = """
    select count(*), md5(string_agg(
        row(member_id, before_id, after_id, reason, spent, until, note, by_id)::text,
        ',' order by member_id, id)) from loyalty_tierchange where at = %(now)s
"""


def run(*, members: int, pairs: int) -> list[Row]:
    """Fill the brand, stir it, and review it both ways."""
    brand = database.fill(members)
    facts = {
        "now": brand.now,
        "until": loyalty.tier_ends(brand.now, 12),
    }
    floor = _floor()

    def hand() -> None:
        loading.execute(floor, facts)

    def house() -> None:
        loyalty.review_tiers(now=brand.now)

    with transaction.atomic():
        for statement in STIR:
            loading.execute(statement, facts)
        loading.execute("analyze members_memberfacts, loyalty_standing")
        assert _left_by(house, facts) == _left_by(hand, facts), "the two sides differ"
        row = compare(
            "tiers",
            lambda: _taken_back(house),
            lambda: _taken_back(hand),
            target="<= 1.2",
            pairs=pairs,
        )
        transaction.set_rollback(True)
    return [row]


def _floor() -> str:
    """Return the statement with the steps of these tiers written out."""
    tiers = list(enumerate(Tier.objects.order_by("threshold"), start=1))
    return FLOOR.format(
        held=" ".join(f"when {tier.pk} then {step}" for step, tier in tiers),
        goal=" ".join(
            f"when spend_12m >= {tier.threshold} then {step}"
            for step, tier in reversed(tiers)
        ),
        renews=" ".join(f"when {tier.pk} then {tier.threshold}" for _s, tier in tiers),
        tiers=" ".join(f"when {step} then {tier.pk}" for step, tier in tiers),
    )


def _taken_back(work: Callable[[], None]) -> None:
    point = transaction.savepoint()
    work()
    transaction.savepoint_rollback(point)


def _left_by(work: Callable[[], None], facts: Mapping[str, object]) -> object:
    point = transaction.savepoint()
    work()
    left = loading.execute(STANDS), loading.execute(TOLD, facts)
    transaction.savepoint_rollback(point)
    return left
