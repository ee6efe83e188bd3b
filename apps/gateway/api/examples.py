"""A worked example of every operation, as the page for people shows it.

The requests and answers lie in `examples.json`, in the order of one story; a test sends
each of them and compares the answer, so that no example can lie.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DATA = Path(__file__).with_name("examples.json")
PREFIX = "/api/v1/"
KEYLESS = "unauthorized"  # the error of a request that shows no key
TITLES: Mapping[str, Promise] = {
    "list_products": _("讀取上架的商品、規格與庫存"),
    "send_products": _("送入商品，新增或更新"),
    "set_stock": _("設定門市庫存"),
    "change_stock": _("增減門市庫存"),
    "show_stock": _("查一個規格在各門市的庫存"),
    "check_availability": _("查一籃商品哪些門市有貨"),
    "send_orders": _("送入訂單，新增或更新"),
    "send_refunds": _("送入退款"),
    "send_refunds_of_order": _("送入一筆訂單的退款"),
    "show_order": _("讀取一筆訂單"),
    "send_fulfilments": _("回報出貨、到店與完成"),
    "send_cart": _("回報顧客的購物車"),
    "show_cart": _("讀取購物車"),
    "note_cart_opened": _("回報顧客打開了店員的購物車"),
    "keep_cart": _("為購物車保留庫存"),
    "let_cart_go": _("放掉購物車保留的庫存"),
    "pay_order_in_store": _("讓訂單到門市付款"),
    "show_store_payment": _("查詢門市付款單"),
    "note_store_payment": _("回報門市已收款"),
    "show_link": _("查詢推廣連結"),
    "send_events": _("回報瀏覽、搜尋與購物車"),
    "make_visitor_token": _("取得登入顧客的網站代碼"),
    "send_members": _("送入會員，新增或更新"),
    "look_up_member": _("查詢會員"),
    "link_identity": _("連結會員的識別碼"),
    "show_rights": _("一次讀取會員的等級、點數與優惠券"),
    "check_coupon": _("試算優惠券"),
    "reserve_coupon": _("為訂單保留優惠券"),
    "redeem_coupon": _("核銷優惠券"),
    "void_coupon": _("退回優惠券"),
    "quote_points": _("試算點數折抵"),
    "burn_points": _("折抵點數"),
    "return_points": _("退回折抵的點數"),
}
GROUPS: Mapping[str, Promise] = {
    "Products": _("商品"),
    "Stock": _("庫存"),
    "Orders": _("訂單與退款"),
    "Carts": _("購物車"),
    "Links": _("推廣連結"),
    "Events": _("網站瀏覽"),
    "Members": _("會員"),
    "Payments at stores": _("門市付款"),
    "Till": _("結帳：優惠券與點數"),
}


@dataclass(frozen=True)
class Example:
    """A request and what comes back; `varies` names what differs every time."""

    operation: str
    path: str
    status: int
    answer: Any
    body: Any = None
    key: str = ""
    varies: tuple[str, ...] = ()
    name: str = ""  # of an error

    @property
    def answer_text(self) -> str:
        """Return the answer as it is read."""
        return _text(self.answer)

    def curl(self, method: str) -> str:
        """Return the request as a command for a terminal."""
        parts = [f"curl '{settings.PUBLIC_URL}{PREFIX}{self.path}'"]
        if method not in {"GET", "POST"}:
            parts[0] = f"curl -X {method} {parts[0].removeprefix('curl ')}"
        if self.name != KEYLESS:
            parts.append('-H "Authorization: Bearer $KEY"')
        if self.key:
            parts.append(f"-H 'Idempotency-Key: {self.key}'")
        if self.body is not None:
            parts.append("-H 'Content-Type: application/json'")
            quoted = _text(self.body).replace("'", "'\\''")
            parts.append(f"-d '{quoted}'")
        elif method == "POST":
            parts.append("-X POST")
        return " \\\n  ".join(parts)


@cache
def story() -> tuple[Example, ...]:
    """Return the examples of all operations, in the order in which they happen."""
    return _read("operations")


@cache
def errors() -> tuple[Example, ...]:
    """Return an example of each kind of error."""
    return _read("errors")


def _read(part: str) -> tuple[Example, ...]:
    rows = json.loads(DATA.read_text(encoding="utf-8"))[part]
    return tuple(
        Example(**{**row, "varies": tuple(row.get("varies", ()))}) for row in rows
    )


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
