"""A till's file of orders, the same for the same size, and the orders it tells of.

Four orders have ten lines. Half of the orders are of members of the brand, a quarter of
people it does not know yet, the rest nobody's. The lines of an order lie together, as
tills write them, but for every fiftieth order, whose last line comes at the very end.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from apps.core.clock import TAIPEI
from apps.orders import services as orders
from tests.bench import database
from tests.bench.database import NOW, PRODUCTS

SOURCE = "bench-file"
HEADING = (
    "單號", "交易日期", "交易時刻", "貨號", "品名", "數量", "單價", "小計",
    "店號", "店員編號", "會員手機",
)  # fmt: skip
LINES_A_TURN, ORDERS_A_TURN = 10, 4  # of 1, 2, 3 and 4 lines
STRAYS_EVERY = 50
PRICES = (390, 590, 890, 1280, 1980, 4980)


@dataclass(frozen=True)
class Sale:
    """An order as the till knows it."""

    number: int
    at: datetime
    store: int
    seller: int
    phone: str
    lines: tuple[tuple[int, int, int], ...]  # product, quantity, unit price

    def rows(self) -> list[tuple[object, ...]]:
        """Return the order's lines as the till writes them."""
        return [
            (
                f"T{self.number:08}",
                f"{self.at:%Y/%m/%d}",
                f"{self.at:%H:%M:%S}",
                f"b-{product}",
                f"商品 {product}",
                quantity,
                f"{price:,}",
                f"{quantity * price:,}",
                f"b{self.store}",
                f"b{self.seller}",
                self.phone.replace("+886", "0"),
            )
            for product, quantity, price in self.lines
        ]

    def told(self, source: str = SOURCE) -> orders.OrderIn:
        """Return the order as a shop would send it through the API."""
        return orders.OrderIn(
            source,
            f"T{self.number:08}",
            "store",
            self.at,
            tuple(
                orders.LineIn(
                    f"b-{product}", f"b-{product}", f"商品 {product}", quantity, price
                )
                for product, quantity, price in self.lines
            ),
            paid_at=self.at,
            store_code=f"b{self.store}",
            seller_code=f"b{self.seller}",
            customer=orders.CustomerIn(phone=self.phone.replace("+886", "0")),
        )


def sales(lines: int, members: int, *, until: datetime = NOW) -> Iterator[Sale]:
    """Yield orders of that many lines in all, the latest just before `until`."""
    chance = random.Random(lines)
    latest = until.astimezone(TAIPEI).replace(microsecond=0)
    for number in range(1, lines * ORDERS_A_TURN // LINES_A_TURN + 1):
        drawn = chance.random()
        phone = ""
        if drawn < 0.5:
            phone = database.phone_of(chance.randint(1, members))
        elif drawn < 0.75:
            phone = database.phone_of(90_000_000 + number)
        seller = chance.randint(1, database.STAFF)
        yield Sale(
            number,
            latest - timedelta(seconds=30 * number),
            1 + seller % database.STORES,
            seller,
            phone,
            tuple(
                (product, chance.randint(1, 2), chance.choice(PRICES))
                for product in chance.sample(
                    range(1, PRODUCTS + 1), 1 + number % ORDERS_A_TURN
                )
            ),
        )


def write(path: Path, lines: int, members: int, *, until: datetime = NOW) -> Path:
    """Write the file, unless it is there, and return where it is."""
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    strays: list[tuple[object, ...]] = []
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8-sig", newline="") as file:
        told = csv.writer(file)
        told.writerow(HEADING)
        for sale in sales(lines, members, until=until):
            *rows, last = sale.rows()
            told.writerows(rows)
            if sale.number % STRAYS_EVERY:
                told.writerow(last)
            else:
                strays.append(last)
        told.writerows(strays)
    return part.rename(path)
