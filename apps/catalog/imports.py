"""How files of products and of stock are taken in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalog import services as catalog
from apps.catalog.models import Variant
from apps.catalog.services import Known, ProductIn, ProductTold, VariantTold
from apps.imports.cells import Cells
from apps.imports.kinds import Field, Found, Option, Row, Taken, required
from apps.imports.rules import values
from apps.stores.models import Store

SLUG = r"^[-a-zA-Z0-9_]{1,30}$"


class Products:
    """A row a variant; rows of one product code are one product."""

    name = "products"
    label = gettext_lazy("商品")
    options: Sequence[Option] = ()
    fields = (
        required(
            "code",
            gettext_lazy("商品代號"),
            ("商品編號", "款號", "product code", "item_group_id"),
        ),
        required("sku", "SKU", ("貨號", "品號", "規格編號", "條碼", "id")),
        required(
            "name", gettext_lazy("名稱"), ("品名", "商品名稱", "product name", "title")
        ),
        required(
            "category", gettext_lazy("分類"), ("類別", "商品分類", "product_type")
        ),
        required("price", gettext_lazy("售價"), ("價格", "定價", "單價")),
        Field("color", gettext_lazy("顏色"), ("色", "color", "colour")),
        Field("size", gettext_lazy("尺寸"), ("尺碼", "size")),
        Field("name_en", gettext_lazy("英文名稱"), ("英文品名", "english name")),
        Field("description", gettext_lazy("說明"), ("商品說明", "描述")),
        Field("path", gettext_lazy("官網路徑"), ("網址", "url", "path", "link")),
        Field("is_active", gettext_lazy("上架"), ("狀態", "是否上架", "active")),
    )

    def key(self, row: Row) -> str:
        """Rows of one code are one product."""
        return values.number_text(row["code"])

    def take(
        self,
        groups: Sequence[Sequence[Row]],
        *,
        options: Mapping[str, str],
        now: datetime,
    ) -> Taken:
        """Bring the catalogue up to the rows; an empty cell changes nothing."""
        taken = Taken()
        codes = {values.number_text(rows[0]["code"]) for rows in groups}
        known = catalog.known(codes, {_sku(row) for rows in groups for row in rows})
        batch: list[ProductIn] = []
        for rows in groups:
            told, problems = _product(rows, known)
            taken.remarks += problems
            if told is None:
                continue
            product = known.complete(told)
            level = known.level(product)
            taken.count(level)
            if level != "unchanged":
                batch.append(product)
        catalog.upsert_products(batch)
        return taken


class StockLevels:
    """A row a SKU in a store: how many lie there now."""

    name = "stock"
    label = gettext_lazy("庫存")
    options: Sequence[Option] = ()
    fields = (
        required("sku", "SKU", ("貨號", "品號", "規格編號", "條碼")),
        required("store", gettext_lazy("門市代號"), ("門市", "店號", "store code")),
        required("quantity", gettext_lazy("數量"), ("庫存", "庫存量", "qty", "stock")),
    )

    def key(self, row: Row) -> str:
        """Each row stands alone, in the file's order."""
        return ""

    def take(
        self,
        groups: Sequence[Sequence[Row]],
        *,
        options: Mapping[str, str],
        now: datetime,
    ) -> Taken:
        """Set the quantities; of a SKU named twice in a store the last row counts."""
        taken = Taken()
        rows = [row for group in groups for row in group]
        skus = dict(_by_code(Variant, "sku", [_sku(row) for row in rows]))
        codes = [values.number_text(row["store"]) for row in rows]
        stores = dict(_by_code(Store, "code", codes))
        wanted: dict[tuple[int, int], int] = {}
        for row in rows:
            cells = Cells(row)
            quantity = cells.need("quantity", values.whole)
            variant = skus.get(_sku(row))
            store = stores.get(values.number_text(row["store"]))
            if variant is None:
                cells.refuse("sku", _("沒有這個 SKU：%(sku)s") % {"sku": row["sku"]})
            if store is None:
                cells.refuse(
                    "store", _("沒有這個門市代號：%(code)s") % {"code": row["store"]}
                )
            if quantity is not None and quantity < 0:
                cells.refuse("quantity", _("庫存不能是負數"))
            taken.remarks += cells.problems
            if variant and store and quantity is not None and cells.is_sound:
                wanted[(variant, store)] = quantity
        for level in catalog.set_stock(wanted).values():
            taken.count(level)
        return taken


def _sku(row: Row) -> str:
    return values.number_text(row["sku"])


def _by_code(
    model: type[Variant] | type[Store], field: str, wanted: Sequence[str]
) -> list[tuple[str, int]]:
    found = model.objects.filter(**{f"{field}__in": set(wanted)})
    return [(str(code), pk) for code, pk in found.values_list(field, "pk")]


def _product(
    rows: Sequence[Row], known: Known
) -> tuple[ProductTold | None, list[Found]]:
    """Return the product that the rows tell, or nothing and what is wrong."""
    row, first = rows[0], Cells(rows[0])
    code = values.number_text(row["code"])
    price = first.need("price", values.whole)
    active = first.read("is_active", values.flag)
    shelf = first.text("category", most=40, needed=True)
    if not code or not re.match(SLUG, code):
        first.refuse("code", _("商品代號只能用英文、數字、- 和 _，最多 30 字"))
    if price is not None and price < 0:
        first.refuse("price", _("售價不能是負數"))
    name = first.text("name", most=60, needed=True)
    variants, problems = _variants(rows, code, known)
    problems += first.problems
    if problems or price is None:
        return None, problems
    told = ProductTold(
        code=code,
        name=name,
        category=shelf,
        price=price,
        variants=tuple(variants),
        name_en=row["name_en"][:80],
        description=row["description"][:5_000],
        path=row["path"][:2_000],
        is_active=active,
    )
    return told, []


def _variants(
    rows: Sequence[Row], code: str, known: Known
) -> tuple[list[VariantTold], list[Found]]:
    found: dict[str, VariantTold] = {}
    problems: list[Found] = []
    for row in rows:
        cells = Cells(row)
        sku = _sku(row)
        cells.text("sku", most=40, needed=True)
        if owner := known.owner_of(sku, but=code):
            whose = {"sku": sku, "code": owner}
            cells.refuse("sku", _("%(sku)s 已是商品 %(code)s 的規格") % whose)
        problems += cells.problems
        found[sku] = VariantTold(sku, row["color"][:20], row["size"][:12])
    return list(found.values()), problems
