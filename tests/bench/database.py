"""A brand of N members for the benchmarks, made in SQL and kept between runs.

    brand = database.fill(100_000)                # members, orders, facts, bindings
    brand = database.fill(100_000, touches=20)    # and that many touches a member

`manage.py bench … --members N` connects to a database of that size's own and hands N
to the bench's `run`; the first run fills it (a million members with ten million orders
take minutes), later ones find it filled. Each part is a transaction of its own, so that
a killed build goes on where it stopped. Ids run from 1: member 7 has the phone
`phone_of(7)`, products are 1 to PRODUCTS, and so on. What a bench changes it must take
back: roll back, or delete its own rows.

Every person has ten orders on average (a few have hundreds) with 2.5 lines each, spread
over three years before `NOW`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction
from rich.console import Console
from rich.progress import BarColumn, Progress, TimeElapsedColumn

from apps.attribution.models import Touch
from apps.catalog.models import Category, Product, Variant
from apps.channels.models import Account
from apps.conversations.models import Conversation
from apps.core import clock
from apps.loyalty import services as loyalty
from apps.loyalty.models import Tier
from apps.members.models import Binding, Identity, Member
from apps.orders.models import MemberCategory, MemberStore, Order, OrderLine
from apps.orders.services import facts, postings
from apps.staff.models import Posting, Staff
from apps.stores.models import Region, Store
from tests.bench.loading import Drawn, Moved, Rows, execute, unguarded

NOW = datetime(2026, 11, 1, 12, tzinfo=clock.TAIPEI)
STORES, STAFF, CATEGORIES, PRODUCTS, VARIANTS = 40, 400, 20, 2_000, 8_000
ORDERS_A_MEMBER = 10
SOURCE = "bench"
# From here on the guards are worth switching off while the rows are written.
LARGE = 50_000
PORTION = 20_000

# A number from 0 to 1 that is the same for the same row at every build.
CHANCE = """
    create or replace function bench_chance(number bigint, salt bigint)
    returns double precision immutable parallel safe language sql return
    (hashint8extended(number, salt) & 2147483647)::double precision / 2147483648
"""
ON_LINE = "bench_chance(n, 1) < 0.6"
LINE_USER = "'U' || lpad(to_hex(n), 32, '0')"
LINES_OF_ORDER = "floor(1 + bench_chance(n, 5) * 4)::int"  # 1 to 4
DONE = "create table if not exists bench_done (part text primary key)"


@dataclass(frozen=True)
class Brand:
    """How large what was filled is; `now` is the brand's present."""

    members: int
    orders: int
    now: datetime = NOW


@dataclass(frozen=True)
class Part:
    """A part of the brand: how it is written, how far it counts, and which tables."""

    write: Callable[[Moved], None]
    count: int
    tables: Sequence[type[models.Model]] = ()


def fill(members: int, *, touches: int = 0, talks: bool = False) -> Brand:
    """Return the brand of that many members, filling whatever is not yet there.

    `touches` are how many each member has; `talks` are conversations, one a member on
    LINE.
    """
    brand = Brand(members, members * ORDERS_A_MEMBER)
    execute(CHANCE)
    execute(DONE)
    parts = {
        "cast": _part(_cast()),
        "members": _part(_members(members)),
        "orders": _part(_orders(brand)),
        "lines": _part(_lines(brand)),
        "bindings": _part(_bindings(members)),
        "postings": _part(_postings()),
        "facts": Part(lambda moved: _keep_facts(members, moved), members),
    }
    if touches:
        parts[f"touches-{touches}"] = _part(_touches(members, touches))
    if talks:
        parts["talks"] = _part(_talks(members))
    done = {name for (name,) in execute("select part from bench_done")}
    for name, part in parts.items():
        if name not in done:
            _fill(name, part, is_large=members >= LARGE)
    return brand


def phone_of(member: int) -> str:
    """Return the phone that the member with that id is known by."""
    return f"+8869{member:08d}"


def line_user_of(member: int) -> str:
    """Return the LINE user id of the member; four of ten members have none."""
    return f"U{member:032x}"


def _part(rows: Sequence[Rows | Drawn]) -> Part:
    def write(moved: Moved) -> None:
        for each in rows:
            each.write(moved)

    return Part(write, sum(each.count for each in rows), [each.model for each in rows])


def _fill(name: str, part: Part, *, is_large: bool) -> None:
    """Write the part, unless somebody else just did."""
    bar = Progress(
        "{task.description}", BarColumn(), "{task.percentage:>3.0f} %",
        TimeElapsedColumn(), console=Console(file=sys.stderr), disable=not is_large,
    )  # fmt: skip
    with bar, transaction.atomic():
        execute("lock table bench_done in exclusive mode")
        if execute("select 1 from bench_done where part = %s", [name]):
            return
        task = bar.add_task(f"bench: {name}", total=part.count)
        with unguarded(part.tables) if is_large and part.tables else nullcontext():
            part.write(lambda counted: bar.advance(task, counted))
        execute("insert into bench_done values (%s)", [name])
    execute("analyze")


def _keep_facts(members: int, moved: Moved) -> None:
    """Let the product itself compute facts and tiers, a portion of members a time."""
    steps = loyalty.rungs()
    for first in range(1, members + 1, PORTION):
        portion = range(first, min(first + PORTION, members + 1))
        facts.refresh(portion, now=NOW)
        loyalty.review(portion, now=NOW, steps=steps)
        moved(len(portion))


def _cast() -> list[Rows]:
    """Return the stores, the people, the goods and the account."""
    day = "date '2020-01-01'"
    return [
        Rows(Region, {"id": "n", "name": "'R' || n"}, 4),
        Rows(
            Store,
            {"id": "n", "code": "'b' || n", "name": "'店 ' || n",
             "region_id": "1 + n % 4"},
            STORES,
        ),
        Rows(
            Staff,
            {"id": "n", "code": "'b' || n", "name": "'店員 ' || n", "password": "'!'"},
            STAFF,
        ),
        Rows(
            Posting,
            {"id": "n", "staff_id": "n", "store_id": f"1 + n % {STORES}",
             "starts_on": day},
            STAFF,
        ),
        Rows(Category, {"id": "n", "slug": "'b' || n", "name": "'分類 ' || n"},
             CATEGORIES),
        Rows(
            Product,
            {"id": "n", "code": "'b' || n", "name": "'商品 ' || n",
             "category_id": f"1 + n % {CATEGORIES}", "price": "200 + n % 50 * 100"},
            PRODUCTS,
        ),
        Rows(
            Variant,
            {"id": "n", "product_id": f"1 + n % {PRODUCTS}", "sku": "'b-' || n"},
            VARIANTS,
        ),
        Rows(Account, {"id": "n", "slug": "'bench'", "name": "'bench'"}, 1),
        Rows(
            Tier,
            {"id": "n", "code": "'b' || n", "name": "'等級 ' || n",
             "threshold": "(n - 1) * 10000"},
            4,
        ),
    ]  # fmt: skip


def _members(members: int) -> list[Rows]:
    at = "timestamptz '2023-11-01' + n % 900 * interval '1 day'"
    return [
        Rows(
            Member,
            {"id": "n", "number": "'29' || lpad(n::text, 14, '0')",
             "name": "'顧客 ' || n", "phone": "'+8869' || lpad(n::text, 8, '0')",
             "stage": "'registered'", "entry": "'web'", "created_at": at,
             "registered_at": at},
            members,
        ),
        Rows(
            Identity,
            {"member_id": "n", "kind": "'phone'",
             "value": "'+8869' || lpad(n::text, 8, '0')", "created_at": at},
            members,
        ),
        Rows(
            Identity,
            {"member_id": "n", "kind": "'line'", "account_id": "1",
             "value": LINE_USER, "friend": "'friend'",
             "created_at": at},
            members,
            f"where {ON_LINE}",
        ),
    ]  # fmt: skip


def _orders(brand: Brand) -> list[Rows]:
    """Return the orders; they come in the order of their ids, as in life."""
    span = f"interval '1095 days' / {brand.orders}"
    channel = "bench_chance(n, 2)"
    in_store = f"{channel} < 0.5"
    at = f"timestamptz '{NOW.isoformat()}' - interval '1095 days' + n * ({span})"
    store = f"case when {in_store} then 1 + (n * 7 % {STORES}) end"
    seller = f"case when {channel} < 0.4 then 1 + (n * 7 % {STAFF}) end"
    # Few have many orders and many have few.
    member = f"1 + floor({brand.members} * power(bench_chance(n, 3), 1.25))::bigint"
    unpaid = "bench_chance(n, 4) < 0.02"
    worth = " + ".join(
        f"case when {line} <= {LINES_OF_ORDER} then {_price(line)} else 0 end"
        for line in (1, 2, 3, 4)
    )
    return [
        Rows(
            Order,
            {"id": "n", "source": f"'{SOURCE}'", "external_id": "n::text",
             "channel": f"case when {in_store} then 'store' when {channel} < 0.9"
             " then 'web' else 'app' end",
             "store_id": store, "member_id": member, "seller_id": seller,
             "placed_at": at, "received_at": at,
             "paid_at": f"case when {in_store} or not {unpaid} then {at} end",
             "status": f"case when {in_store} or not {unpaid} then 'paid'"
             " else 'placed' end",
             "goods": worth, "net": worth, "digest": r"'\x00'::bytea"},
            brand.orders,
        ),
    ]  # fmt: skip


def _product(line: int | str) -> str:
    """Return the product of a line of the order n."""
    return f"1 + floor({PRODUCTS} * bench_chance(n, 10 + {line}))::bigint"


def _price(line: int | str) -> str:
    return f"(200 + ({_product(line)}) % 50 * 100)"


def _lines(brand: Brand) -> list[Rows]:
    product, worth = _product("k"), _price("k")
    return [
        Rows(
            OrderLine,
            {"order_id": "n", "external_id": "k::text", "position": "k",
             "sku": f"'b-' || {product}", "name": f"'商品 ' || {product}",
             "variant_id": product, "product_id": product, "quantity": "1",
             "unit_price": worth, "net": worth},
            brand.orders,
            f", lateral generate_series(1, {LINES_OF_ORDER}) as k",
        ),
    ]  # fmt: skip


def _bindings(members: int) -> list[Rows]:
    at = "timestamptz '2024-11-01' + n % 600 * interval '1 day'"
    return [
        Rows(
            Binding,
            {"member_id": "n", "staff_id": f"1 + n % {STAFF}",
             "store_id": f"1 + n % {STORES}", "period": f"tstzrange({at}, null)",
             "source": "'login'", "created_at": at},
            members,
            "where n % 2 = 0",
        ),
    ]  # fmt: skip


def _postings() -> list[Drawn]:
    """Return where and what each member bought, by the product's own words."""
    return [
        Drawn(
            model,
            f"insert into {posting.table} (member_id, {posting.key}, n, last_at, net)"  # noqa: S608
            f" select member_id, {posting.key}, n, last_at, net"
            f" from ({posting.over('orders_order')}) as counted",
        )
        for model, posting in (
            (MemberStore, postings.STORES),
            (MemberCategory, postings.CATEGORIES),
        )
    ]


def _touches(members: int, each: int) -> list[Rows]:
    """Return the touches: clicks, replies and links sent over the last year."""
    kind = "(array['link_click', 'chat_reply', 'link_sent'])[1 + (n * 7 + k) % 3]"
    at = f"timestamptz '{NOW.isoformat()}' - bench_chance(n, k) * interval '365 days'"
    staff = f"1 + (n * 5 + k) % {STAFF}"
    return [
        Rows(
            Touch,
            {"kind": kind, "member_id": "n", "staff_id": staff,
             "store_id": f"1 + ({staff}) % {STORES}",
             "product_id": f"case when k % 2 = 0 then 1 + (n + k) % {PRODUCTS} end",
             "at": at, "evidence_type": "'bench'", "evidence_id": "n || '-' || k"},
            members,
            f", generate_series(1, {each}) as k",
        ),
    ]  # fmt: skip


def _talks(members: int) -> list[Rows]:
    at = f"timestamptz '{NOW.isoformat()}' - bench_chance(n, 6) * interval '365 days'"
    return [
        Rows(
            Conversation,
            {"account_id": "1", "member_id": "n", "address": LINE_USER,
             "desk": "'staff'", "staff_id": f"1 + n % {STAFF}",
             "desk_reason": "'bound'", "preview": "'駝色 M 號中山店有貨嗎？'",
             "last_message_at": at, "created_at": at},
            members,
            f"where {ON_LINE}",
        ),
    ]  # fmt: skip
