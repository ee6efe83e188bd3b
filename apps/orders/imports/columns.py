"""What the columns of an order file may hold, and what they are called."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from apps.imports.kinds import Field, Option, required
from apps.orders.models import Order

OPTIONS = (
    Option(
        "source",
        gettext_lazy("來源系統"),
        hint=gettext_lazy("同一個系統每次都用同一個名稱，例如 pos，訂單才不會重複"),
        is_required=True,
    ),
    Option(
        "channel",
        gettext_lazy("通路（檔案裡沒有這一欄時）"),
        default=Order.Channel.STORE,
        choices=tuple(Order.Channel.choices),
    ),
    Option(
        "store",
        gettext_lazy("門市代號（檔案裡沒有這一欄時）"),
        hint=gettext_lazy("整個檔案都是同一間門市的"),
    ),
    Option(
        "paid",
        gettext_lazy("沒有付款時間的訂單"),
        default="yes",
        choices=(
            ("yes", gettext_lazy("視為下單時付款")),
            ("no", gettext_lazy("視為尚未付款")),
        ),
    ),
)
FIELDS = (
    required(
        "number",
        gettext_lazy("訂單編號"),
        ("單號", "交易序號", "order number", "order id"),
    ),
    required(
        "placed_at",
        gettext_lazy("訂單時間"),
        ("訂單日期", "下單時間", "交易日期", "交易時間", "銷售日期", "date"),
    ),
    required("sku", "SKU", ("貨號", "品號", "規格編號", "條碼", "商品代號")),
    required("quantity", gettext_lazy("數量"), ("銷售數量", "qty", "quantity")),
    Field("unit_price", gettext_lazy("單價"), ("售價", "unit price", "price")),
    Field(
        "amount",
        gettext_lazy("小計"),
        ("金額", "銷售金額", "實收", "line total", "amount"),
    ),
    Field("name", gettext_lazy("品名"), ("商品名稱", "名稱", "product")),
    Field("line", gettext_lazy("明細編號"), ("項次", "序號", "line")),
    Field("line_discount", gettext_lazy("明細折扣"), ("折讓", "line discount")),
    Field("discount", gettext_lazy("訂單折扣"), ("整單折扣", "折扣金額", "discount")),
    Field("shipping", gettext_lazy("運費"), ("shipping",)),
    Field("paid_at", gettext_lazy("付款時間"), ("付款日期", "paid at")),
    Field(
        "time",
        gettext_lazy("訂單時刻"),
        ("時間", "交易時刻", "time"),
        hint=gettext_lazy("日期和時刻分成兩欄時"),
    ),
    Field("status", gettext_lazy("狀態"), ("訂單狀態", "交易別", "status")),
    Field("channel", gettext_lazy("通路"), ("銷售通路", "channel")),
    Field("store", gettext_lazy("門市代號"), ("門市", "店號", "store")),
    Field(
        "seller",
        gettext_lazy("店員代號"),
        ("銷售人員", "店員編號", "業務代號", "seller"),
    ),
    Field("customer_name", gettext_lazy("會員姓名"), ("顧客姓名", "收件人", "姓名")),
    Field("phone", gettext_lazy("手機"), ("會員手機", "電話", "phone")),
    Field("email", gettext_lazy("電子郵件"), ("email", "信箱")),
    Field("card", gettext_lazy("會員卡號"), ("卡號", "會員編號")),
    Field(
        "customer_id", gettext_lazy("會員在來源系統的編號"), ("顧客編號", "customer id")
    ),
)
