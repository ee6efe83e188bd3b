"""Lock accounts and write what happened to them: a statement each, however many."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from apps.core import statements
from apps.loyalty.services.ledger.entries import Entry, Key, Lot, Purse

OPEN_ACCOUNTS = """
    insert into loyalty_pointaccount (member_id, balance, pending, debt)
    select member_id, 0, 0, 0
    from unnest(%(members)s::bigint[]) as given (member_id)
    on conflict do nothing
"""
LOCK = """
    select member_id, balance, pending, debt from loyalty_pointaccount
    where member_id = any(%(members)s::bigint[]) order by member_id for no key update
"""
# Each row is an entry, with the lot that it gives or without one (`lot_points` null).
WRITE_ENTRIES = """
    with given as materialized (
        select nextval(pg_get_serial_sequence('loyalty_pointentry', 'id')) as id, told.*
        from unnest(
            %(members)s::bigint[], %(kinds)s::text[], %(points)s::bigint[],
            %(pending)s::bigint[], %(debts)s::bigint[], %(source_types)s::text[],
            %(source_ids)s::text[], %(reverses)s::bigint[], %(reasons)s::text[],
            %(by)s::bigint[], %(lot_orders)s::bigint[], %(lot_rounds)s::int[],
            %(lot_rules)s::bigint[], %(lot_multipliers)s::int[],
            %(lot_computed)s::bigint[], %(lot_points)s::bigint[],
            %(lot_remaining)s::bigint[], %(lot_earned)s::timestamptz[],
            %(lot_available)s::timestamptz[], %(lot_released)s::bool[],
            %(lot_expires)s::timestamptz[])
            with ordinality as told (
                member_id, kind, points, pending, debt, source_type, source_id,
                reverses_id, reason, by_id, order_id, round, rule_id, multiplier,
                computed, lot_points, remaining, earned_at, available_at, is_released,
                expires_at, place)
    ), entry as (
        insert into loyalty_pointentry
            (id, member_id, kind, points, pending, debt, source_type, source_id,
             reverses_id, reason, by_id, at, balance_after, pending_after, debt_after)
        select id, member_id, kind, points, pending, debt, source_type, source_id,
               reverses_id, reason, by_id, %(now)s::timestamptz, 0, 0, 0
        from given order by place
    ), lot as (
        insert into loyalty_pointlot
            (entry_id, member_id, order_id, round, rule_id, multiplier, computed,
             points, remaining, earned_at, available_at, is_released, expires_at)
        select id, member_id, order_id, round, rule_id, multiplier, computed,
               lot_points, remaining, earned_at, available_at, is_released, expires_at
        from given where lot_points is not null order by place
        returning id, entry_id
    )
    select given.id, lot.id from given left join lot on lot.entry_id = given.id
    order by given.place
"""
WRITE_USES = """
    insert into loyalty_pointuse (entry_id, lot_id, points)
    select * from unnest(
        %(entries)s::bigint[], %(lots)s::bigint[], %(points)s::bigint[])
"""
UPDATE_LOTS = """
    update loyalty_pointlot as lot
    set remaining = given.remaining, is_released = given.is_released,
        available_at = given.available_at, reversed_at = given.reversed_at
    from unnest(%(lots)s::bigint[], %(remaining)s::bigint[], %(released)s::bool[],
                %(available)s::timestamptz[], %(reversed)s::timestamptz[])
         as given (id, remaining, is_released, available_at, reversed_at)
    where lot.id = given.id
"""
ENTRY_COLUMNS = (
    "members", "kinds", "points", "pending", "debts", "source_types", "source_ids",
    "reverses", "reasons", "by",
)  # fmt: skip
LOT_COLUMNS = (
    "lot_orders", "lot_rounds", "lot_rules", "lot_multipliers",
    "lot_computed", "lot_points", "lot_remaining", "lot_earned", "lot_available",
    "lot_released", "lot_expires",
)  # fmt: skip


def lock(members: Sequence[int]) -> dict[int, Purse]:
    """Lock the members' accounts, in rising order; open those that are missing."""
    purses = _locked(members)
    missing = [member for member in members if member not in purses]
    if missing:
        _run(OPEN_ACCOUNTS, {"members": missing}, rows=len(missing))
        purses |= _locked(missing)
    return purses


def write_entries(entries: Sequence[Entry], *, now: datetime) -> dict[Key, int]:
    """Write the entries with the lots they give; return their ids.

    The lots learn theirs and their entries'.
    """
    if not entries:
        return {}
    rows = [(*_entry_row(entry), *_lot_row(entry.lot)) for entry in entries]
    facts = {"now": now, **_columns(ENTRY_COLUMNS + LOT_COLUMNS, rows)}
    written = _run(WRITE_ENTRIES, facts, rows=len(entries))
    for entry, (entry_id, lot_id) in zip(entries, written, strict=True):
        if entry.lot:
            entry.lot.pk, entry.lot.entry_id = lot_id, entry_id
    ids = (entry_id for entry_id, _lot_id in written)
    return {entry.key: pk for entry, pk in zip(entries, ids, strict=True)}


def write_changed(lots: Collection[Lot]) -> None:
    """Write what lots that exist have come to."""
    rows = [
        (lot.pk, lot.remaining, lot.is_released, lot.available_at, lot.reversed_at)
        for lot in lots
    ]
    names = ("lots", "remaining", "released", "available", "reversed")
    if rows:
        _run(UPDATE_LOTS, _columns(names, rows), rows=len(rows))


def write_uses(entries: Sequence[Entry], ids: dict[Key, int]) -> None:
    """Write which entry used how many points of which lot."""
    rows = [
        (ids[entry.key], lot.pk, points)
        for entry in entries
        for lot, points in entry.uses
    ]
    if rows:
        _run(WRITE_USES, _columns(("entries", "lots", "points"), rows), rows=len(rows))


def _locked(members: Sequence[int]) -> dict[int, Purse]:
    rows = _run(LOCK, {"members": list(members)}, rows=len(members))
    return {member: Purse(*rest) for member, *rest in rows}


def _entry_row(entry: Entry) -> tuple[Any, ...]:
    cause = entry.cause
    return (
        entry.member_id, cause.kind, entry.points, entry.pending, entry.debt,
        cause.source_type, cause.source_id, cause.reverses_id, cause.reason,
        cause.by_id,
    )  # fmt: skip


def _lot_row(lot: Lot | None) -> tuple[Any, ...]:
    if lot is None:
        return (None,) * len(LOT_COLUMNS)
    return (
        lot.order_id, lot.round, lot.rule_id, lot.multiplier,
        lot.computed or lot.points, lot.points, lot.remaining, lot.earned_at,
        lot.available_at, lot.is_released, lot.expires_at,
    )  # fmt: skip


def _columns(
    names: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> dict[str, list[Any]]:
    return {name: [row[at] for row in rows] for at, name in enumerate(names)}


def _run(statement: str, facts: dict[str, Any], *, rows: int) -> list[tuple[Any, ...]]:
    return statements.fetch(statement, facts, is_small=rows <= statements.FEW)
