"""The figures of sales by conversation, in a number of queries that never grows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Any

from django.db import connection

from apps.reports.reports.conversations import statements
from apps.reports.reports.conversations.shapes import Figures, Scope

Facts = dict[str, Any]
TOTAL = "total"
# What each statement tells after its key, by the names of `Figures`.
PLAIN: tuple[tuple[str, tuple[str, ...]], ...] = (
    (statements.MESSAGES, ("messages", "pushes")),
    (statements.LINKS, ("links", "opened")),
    (statements.CLICKS, ("clicks",)),
    (statements.INFLUENCE, ("influenced_orders", "influenced")),
)


def gather(scope: Scope, group: str) -> dict[Hashable, Figures]:
    """Return the figures by the group's key, and those of all under `TOTAL`.

    The key is a person's or store's, 0 for nobody's, or the first day of the stretch.
    The total counts an order once, even if two people share it.
    """
    found: defaultdict[Hashable, Facts] = defaultdict(dict)
    found[TOTAL] = {}
    for statement, names in PLAIN:
        for key, is_total, *values in _rows(statement, scope, group):
            own = found[TOTAL if is_total else key]
            own.update(zip(names, map(int, values), strict=True))
    _bindings(_rows(statements.BINDINGS, scope, group), found)
    _credits(_rows(statements.CREDITS, scope, group), found)
    return {key: Figures(**facts) for key, facts in found.items()}


def brand(scope: Scope) -> tuple[int, int]:
    """Return the online orders and sales of the whole brand in the days (NT$)."""
    with connection.cursor() as cursor:
        cursor.execute(statements.BRAND, scope.of_all.params)
        orders, revenue = cursor.fetchone()
    return int(orders), int(revenue)


def pending(scope: Scope) -> int:
    """Return how many orders of the days are not credited yet."""
    with connection.cursor() as cursor:
        cursor.execute(statements.PENDING, scope.params)
        return int(cursor.fetchone()[0])


def _rows(statement: str, scope: Scope, group: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement.format(key=statements.KEYS[group]), scope.params)
        return list(cursor.fetchall())


def _bindings(
    rows: Iterable[tuple[Any, ...]], found: defaultdict[Hashable, Facts]
) -> None:
    for key, is_total, source, count in rows:
        own = found[TOTAL if is_total else key]
        own.setdefault("bindings", {})[source] = count


def _credits(
    rows: Iterable[tuple[Any, ...]], found: defaultdict[Hashable, Facts]
) -> None:
    for key, is_total, is_online, orders, by_link, amount, back in rows:
        own = found[TOTAL if is_total else key]
        if not is_online:
            own["in_store"] = int(amount - back)
            continue
        own.update(
            orders=orders,
            link_orders=by_link,
            credited=int(amount),
            refunded=int(back),
        )
