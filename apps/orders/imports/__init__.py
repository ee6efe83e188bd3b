"""How files of orders are taken in: a row a line, whichever way tills write them.

Rows of one number are one order. A row with a negative quantity or amount gives goods
back; a status that says "cancelled" cancels the order. What the shop does not know by
SKU is recorded with a warning, and an order without a customer is nobody's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalog.models import Variant
from apps.imports.kinds import Found, Row, Taken
from apps.imports.rules import values
from apps.orders.imports.columns import FIELDS, OPTIONS
from apps.orders.imports.reading import Told, told_by
from apps.orders.rules.refunds import RefundIn
from apps.orders.services.answers import Recorded
from apps.orders.services.intake import record
from apps.orders.services.refunds import record_refunds

# What was refused, by the field that the verb names, in this reader's words.
REFUSED = {
    "store_code": gettext_lazy("沒有這個門市代號"),
    "seller_code": gettext_lazy("沒有這個店員代號"),
    "placed_at": gettext_lazy("訂單時間不合理：太早，或在未來"),
    "paid_at": gettext_lazy("付款時間不合理：太早，或在未來"),
    "discount": gettext_lazy("折扣超過商品金額"),
    "shipping": gettext_lazy("運費不合理"),
}


class Orders:
    """A row a line of an order; rows of one order number are one order."""

    name = "orders"
    label = gettext_lazy("訂單")
    options = OPTIONS
    fields = FIELDS

    def key(self, row: Row) -> str:
        """Rows of one number are one order."""
        return values.number_text(row["number"])

    def take(
        self,
        groups: Sequence[Sequence[Row]],
        *,
        options: Mapping[str, str],
        now: datetime,
    ) -> Taken:
        """Record the orders, then what was given back of them."""
        taken = Taken()
        told = [told_by(rows, options) for rows in groups]
        for each in told:
            taken.remarks += each.problems
        orders = [each for each in told if each.order]
        answers = record([each.order for each in orders if each.order], now=now)
        refused = set()
        for each, answer in zip(orders, answers, strict=True):
            taken.count(answer.status if answer.status != "parked" else "new")
            taken.remarks += _refused(each.rows, answer)
            if answer.status == "rejected":
                refused.add(id(each))
        backs = [
            (each, refund)
            for each in told
            if id(each) not in refused
            for refund in each.refunds
        ]
        taken.remarks += _give_back(backs, taken, now=now)
        taken.remarks += _unknown(orders)
        return taken


def _give_back(
    backs: Sequence[tuple[Told, RefundIn]], taken: Taken, *, now: datetime
) -> list[Found]:
    """Record what was given back; a refund whose order never came waits for it."""
    answers = record_refunds([refund for _each, refund in backs], now=now)
    remarks = []
    for (told, _refund), answer in zip(backs, answers, strict=True):
        if told.order is None and answer.status != "rejected":
            taken.count("new" if answer.status == "parked" else answer.status)
        if answer.status == "parked":
            why = _("退貨列的原訂單還沒有進來或還沒付款，會等它")
            remarks += _on_all(told.rows, why, is_rejected=False)
        elif answer.status == "rejected":
            why = _("退貨超過原訂單買的，或找不到那個品項")
            remarks += _on_all(told.rows, why, is_rejected=told.order is None)
    return remarks


def _on_all(rows: Sequence[Row], why: str, *, is_rejected: bool) -> list[Found]:
    return [Found(row.number, "quantity", why, is_rejected) for row in rows]


def _refused(rows: Sequence[Row], answer: Recorded) -> list[Found]:
    if answer.status != "rejected":
        return []
    why = REFUSED.get(answer.field) or _("不合規則（%(field)s：%(why)s）") % {
        "field": answer.field,
        "why": answer.why,
    }
    name = {"store_code": "store", "seller_code": "seller"}.get(
        answer.field, answer.field
    )
    return [Found(row.number, name, str(why)) for row in rows]


def _unknown(told: Sequence[Told]) -> list[Found]:
    """Remark on rows whose SKU is not in the catalogue: recorded, without a product."""
    skus = {values.number_text(row["sku"]) for each in told for row in each.rows}
    known = set(Variant.objects.filter(sku__in=skus).values_list("sku", flat=True))
    return [
        Found(
            row.number,
            "sku",
            _("商品裡沒有這個 SKU，訂單已記下，補上商品後才會對上"),
            is_rejected=False,
        )
        for each in told
        for row in each.rows
        if values.number_text(row["sku"]) not in known
    ]
