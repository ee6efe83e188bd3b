"""Read the rows of one order number: what was bought, and what was given back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby

from django.utils.translation import gettext as _

from apps.core import clock
from apps.imports.cells import Cells
from apps.imports.kinds import Found, Row
from apps.imports.rules import values
from apps.orders.rules.intake import CustomerIn, LineIn, OrderIn
from apps.orders.rules.refunds import RefundIn, RefundLineIn

CANCELLED = ("取消", "作廢", "cancel", "void")
UNPAID = ("待付", "未付", "pending", "unpaid")
CHANNELS = {
    "門市": "store", "店": "store", "pos": "store", "實體": "store", "store": "store",
    "官網": "web", "網": "web", "web": "web", "ec": "web", "online": "web",
    "app": "app",
}  # fmt: skip


@dataclass
class Told:
    """What the rows of one number say."""

    rows: Sequence[Row]
    order: OrderIn | None = None
    refunds: list[RefundIn] = field(default_factory=list)
    problems: list[Found] = field(default_factory=list)


def told_by(rows: Sequence[Row], options: Mapping[str, str]) -> Told:
    """Read the rows of one number; if one of them is wrong, none is taken."""
    told = Told(rows)
    head = Cells(rows[0])
    number = head.text("number", most=60, needed=True)
    lines, back = _lines(rows, told.problems)
    said = _whole_order(head, options)
    told.problems += head.problems
    if told.problems:
        return _spoilt(told)
    if lines:
        told.order = _order(number, lines, said, options)
    told.refunds = _refunds(number, back, options)
    return told


def _spoilt(told: Told) -> Told:
    """Refuse the sound rows of the order along with the bad ones."""
    bad = {found.number for found in told.problems}
    told.problems += [
        Found(row.number, "number", _("同一張訂單有別的列不對，整張都沒有匯入"))
        for row in told.rows
        if row.number not in bad
    ]
    return told


def _moment(day: str, time: str) -> datetime:
    return values.moment(f"{day} {time}" if time else day)


@dataclass(frozen=True)
class _Line:
    """A row of goods: bought, or (`is_back`) given back."""

    at: datetime
    external_id: str  # the file's own, or else the SKU
    sku: str
    name: str
    quantity: int
    unit_price: int
    discount: int
    is_back: bool


def _lines(
    rows: Sequence[Row], problems: list[Found]
) -> tuple[list[_Line], list[_Line]]:
    """Return what was bought and what was given back, and say what is wrong."""
    bought: list[_Line] = []
    back: list[_Line] = []
    for row in rows:
        cells = Cells(row)
        line = _line(cells)
        problems += cells.problems
        if line is not None:
            (back if line.is_back else bought).append(line)
    return _numbered(bought), _numbered(back)


def _line(cells: Cells) -> _Line | None:
    row = cells.row
    at = cells.need("placed_at", lambda raw: _moment(raw, row["time"]))
    sku = values.number_text(cells.text("sku", most=40, needed=True))
    quantity = cells.need("quantity", values.whole)
    price = cells.read("unit_price", values.whole)
    amount = cells.read("amount", values.whole)
    discount = abs(cells.read("line_discount", values.whole) or 0)
    if price is None and amount is None and cells.is_sound:
        cells.refuse("unit_price", _("單價和小計至少要有一個"))
    if quantity == 0:
        cells.refuse("quantity", _("數量不能是 0"))
    if not cells.is_sound or quantity is None or at is None:
        return None
    count = abs(quantity)
    is_back = quantity < 0 or (amount or 0) < 0
    cost = None if amount is None else abs(amount)
    unit = abs(price) if price is not None else -(-(cost or 0) // count)
    if cost is not None:
        discount = unit * count - cost
    if not 0 <= discount <= unit * count:
        cells.refuse("amount", _("小計和「單價 × 數量」對不起來"))
        return None
    number = values.number_text(row["line"])[:60] or sku
    name = row["name"][:120] or sku
    return _Line(at, number, sku, name, count, unit, discount, is_back)


def _numbered(lines: Sequence[_Line]) -> list[_Line]:
    """Count the lines of one number: the second one is `number#2`."""
    seen: dict[str, int] = {}
    found = []
    for line in lines:
        count = seen[line.external_id] = seen.get(line.external_id, 0) + 1
        numbered = f"{line.external_id}#{count}"
        found.append(line if count == 1 else replace(line, external_id=numbered))
    return found


@dataclass(frozen=True)
class _Said:
    """What the first row says of the whole order."""

    paid_at: datetime | None
    channel: str
    status: str
    discount: int
    shipping: int
    customer: CustomerIn
    store: str
    seller: str


def _whole_order(head: Cells, options: Mapping[str, str]) -> _Said:
    row = head.row
    channel = _channel(row["channel"], options["channel"])
    if not channel:
        head.refuse("channel", _("看不出通路，請填「門市」「官網」或「App」"))
    store = values.number_text(row["store"]) or options.get("store", "")
    if channel == "store" and not store:
        head.refuse("store", _("門市的訂單要有門市代號"))
    own = values.number_text(row["customer_id"])[:120]
    own_kind = {"store": "pos_id", "app": "app_id"}.get(channel, "shop_id")
    customer = CustomerIn(
        name=row["customer_name"][:60],
        phone=head.read("phone", values.phone) or "",
        email=values.plain(row["email"])[:254],
        card=values.number_text(row["card"])[:120],
        **{own_kind: own},
    )
    return _Said(
        paid_at=head.read("paid_at", values.moment),
        channel=channel,
        status=row["status"].lower(),
        discount=abs(head.read("discount", values.whole) or 0),
        shipping=abs(head.read("shipping", values.whole) or 0),
        customer=customer,
        store=store if channel == "store" else values.number_text(row["store"]),
        seller=values.number_text(row["seller"]),
    )


def _channel(written: str, default: str) -> str:
    text = values.plain(written).lower()
    if not text:
        return default
    return next((each for word, each in CHANNELS.items() if word in text), "")


def _order(
    number: str,
    lines: Sequence[_Line],
    said: _Said,
    options: Mapping[str, str],
) -> OrderIn:
    placed_at = lines[0].at
    is_cancelled = any(word in said.status for word in CANCELLED)
    is_unpaid = any(word in said.status for word in UNPAID)
    paid_at = said.paid_at
    if paid_at is None and options["paid"] == "yes" and not is_unpaid:
        paid_at = placed_at
    return OrderIn(
        source=options["source"][:20],
        external_id=number,
        channel=said.channel,
        placed_at=placed_at,
        paid_at=paid_at,
        cancelled_at=(paid_at or placed_at) if is_cancelled else None,
        customer=said.customer,
        store_code=said.store,
        seller_code=said.seller,
        discount=said.discount,
        shipping=said.shipping,
        lines=tuple(
            LineIn(
                line.external_id,
                line.sku,
                line.name,
                line.quantity,
                line.unit_price,
                line.discount,
            )
            for line in lines
        ),
    )


def _refunds(
    number: str, back: Sequence[_Line], options: Mapping[str, str]
) -> list[RefundIn]:
    """Return what was given back, a refund a day: the file has no numbers for them."""
    days = groupby(
        sorted(back, key=lambda line: line.at), key=lambda line: clock.day_of(line.at)
    )
    return [
        _refund(f"{number}-R{day:%Y%m%d}"[-60:], number, list(lines), options)
        for day, lines in days
    ]


def _refund(
    own: str, number: str, lines: Sequence[_Line], options: Mapping[str, str]
) -> RefundIn:
    return RefundIn(
        source=options["source"][:20],
        order_external_id=number,
        external_id=own,
        refunded_at=lines[0].at,
        lines=tuple(
            RefundLineIn(
                line.external_id,
                line.quantity,
                line.quantity * line.unit_price - line.discount,
            )
            for line in lines
        ),
    )
