"""Record orders of every channel, a batch at a time, in a fixed number of queries.

One path for the API, platforms' webhooks, tills' files and the demo. In one
transaction the orders are written, marked to be credited and their members' facts
brought up to date; the worker is rung to credit them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from apps.core.jobs import nudge
from apps.core.memory import without_collection
from apps.members import services as members
from apps.orders.rules import intake as rules
from apps.orders.rules.checks import Problem
from apps.orders.rules.intake import OrderIn, Priced, Version
from apps.orders.services import (
    cancellations,
    exchange,
    inserting,
    locks,
    lookup,
    refunds,
    states,
    upkeep,
    writing,
)
from apps.orders.services.answers import Recorded
from apps.orders.services.lookup import Found, Key, Known
from apps.orders.services.rows import Owner
from apps.orders.services.states import State

CREDIT = "apps.attribution.tasks.credit_pending"


@dataclass(frozen=True)
class Taken:
    """What became of a batch: the answers, the orders written and their members.

    `dirty` are members of whom older orders changed.
    """

    answers: list[Recorded]
    added: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    member_ids: set[int | None] = field(default_factory=set)
    dirty: set[int | None] = field(default_factory=set)


@without_collection()
@transaction.atomic(savepoint=False)
def record(batch: Sequence[OrderIn], *, now: datetime) -> list[Recorded]:
    """Record the orders; answer for each, in the same order, what became of it.

    Known by source and external id. The same payload again changes nothing, nor does
    an older version; a newer one replaces the lines (a line that was taken out stays
    with quantity 0, for credit may point to it). A row that is not sound is rejected
    with its field and why; it does not keep the others from being recorded.
    """
    taken = take_in(batch, now=now)
    if taken.added or taken.changed:
        upkeep.add_orders(
            taken.added,
            member_ids=taken.member_ids,
            dirty=taken.dirty,
            changed_ids=taken.changed,
            now=now,
        )
        nudge(CREDIT)
    return taken.answers


def take_in(batch: Sequence[OrderIn], *, now: datetime) -> Taken:
    """Write the orders for their members, but let nothing follow from them yet.

    To be called in a transaction that lets it follow (`record`).
    """
    priced = [rules.price(order, now=now) for order in batch]
    locks.hold(_keys(batch))
    sound = [each for each in priced if isinstance(each, Priced)]
    found = lookup.look_up([each.order for each in sound])
    recorded, versions = _recorded(sound, found.digests)
    answers, accepted = _judge(batch, priced, found.known, versions)
    if not accepted:
        return Taken(answers)
    return _write(answers, list(accepted.values()), found, recorded, now=now)


def _keys(batch: Sequence[OrderIn]) -> Iterator[Key]:
    """Return what is to be held: the orders, and those they are exchanged for.

    So of an order and its exchange that come at once, the second sees the first.
    """
    for order in batch:
        yield order.key
        if order.exchange_of:
            yield order.source, order.exchange_of


def _recorded(
    sound: Sequence[Priced], digests: Mapping[Key, bytes]
) -> tuple[Mapping[Key, State], dict[Key, Version]]:
    """Return what is recorded of the orders; in full where the batch tells of more."""
    newer = {
        each.order.key
        for each in sound
        if digests.get(each.order.key, each.digest) != each.digest
    }
    recorded = states.load(newer)
    versions = {key: Version.of(digest) for key, digest in digests.items()}
    versions |= {key: state.version for key, state in recorded.items()}
    return recorded, versions


def _judge(
    batch: Sequence[OrderIn],
    priced: Sequence[Priced | Problem],
    known: Known,
    versions: dict[Key, Version],
) -> tuple[list[Recorded], dict[Key, Priced]]:
    """Go through the batch as if the rows came one by one; keep each order's last."""
    answers: list[Recorded] = []
    accepted: dict[Key, Priced] = {}
    for order, each in zip(batch, priced, strict=True):
        problem = each if isinstance(each, Problem) else known.lack(each.order)
        if problem or isinstance(each, Problem):
            answers.append(Recorded.of(order.external_id, "rejected", problem))
            continue
        key = order.key
        if key in accepted and key not in versions:  # twice in the batch
            versions[key] = rules.follow(None, accepted[key])
        recorded = versions.get(key)
        verdict = rules.judge(recorded, each)
        answers.append(Recorded.of(order.external_id, verdict.status, verdict.problem))
        if verdict.status in ("new", "changed"):
            accepted[key] = rules.keep(recorded, each)
            if recorded is not None:
                versions[key] = rules.follow(recorded, each)
    return answers, accepted


def _write(
    answers: list[Recorded],
    accepted: Sequence[Priced],
    found: Found,
    recorded: Mapping[Key, State],
    *,
    now: datetime,
) -> Taken:
    known = found.known
    owners = _identify(accepted, recorded, now=now)
    before = [state.order.member_id for state in recorded.values()]
    cancellations.lift(
        recorded[each.order.key] for each in accepted if each.order.key in recorded
    )
    new = [each for each in accepted if each.order.key not in recorded]
    changed = [each for each in accepted if each.order.key in recorded]
    added = inserting.add(new, owners, known, now=now)
    rewritten = writing.change(changed, owners, known, recorded, now=now)
    paid = {each.order.key for each in accepted if each.order.paid_at}
    refunds.record_parked(paid.intersection(found.with_refunds), now=now)
    ids = zip([*new, *changed], [*added, *rewritten], strict=True)
    cancelled = [pk for each, pk in ids if each.status == "cancelled"]
    cancellations.settle(cancelled, now=now)
    _exchange(accepted, found, now=now)
    dirty = {*before, *(owners[each.order.key].member_id for each in changed)}
    buyers = {owner.member_id for owner in owners.values()}
    return Taken(answers, added, rewritten, buyers, dirty)


def _exchange(accepted: Sequence[Priced], found: Found, *, now: datetime) -> None:
    """Give exchanges their seller: those among the orders, and those of them."""
    concerned = [
        each.order
        for each in accepted
        if each.order.exchange_of or each.order.key in found.with_exchanges
    ]
    if concerned:
        exchange.adopt_sellers(concerned, now=now)


def _identify(
    accepted: Sequence[Priced], recorded: Mapping[Key, State], *, now: datetime
) -> dict[Key, Owner]:
    """Return each order's member; a payload that names nobody keeps who is known."""
    keys = [
        members.CustomerKeys(
            **vars(order.customer), system=order.source, reference=order.external_id
        )
        for order in (each.order for each in accepted)
    ]
    found = members.match_batch(keys, now=now)
    unnamed = [
        recorded[each.order.key].order
        for each, match in zip(accepted, found, strict=True)
        if match.member_id is None and each.order.key in recorded
    ]
    # Who is known may have been merged into another since the order was read.
    kept = members.hold_members({o.member_id for o in unnamed if o.member_id})
    owners = {
        (o.source, o.external_id): Owner(
            kept[o.member_id] if o.member_id else None, o.matched_by
        )
        for o in unnamed
    }
    for each, match in zip(accepted, found, strict=True):
        if match.member_id is not None or each.order.key not in owners:
            owners[each.order.key] = Owner(match.member_id, match.kind)
    return owners
