"""The steps of shops, tills and warehouses: orders, their changes and refunds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from apps.members.models import Identity
from apps.orders import services as orders
from apps.orders.models import RefundLine
from tests.machine.brand import STRANGER
from tests.machine.model import Line, Order, Wish
from tests.machine.run import ANY, Run, one_of

PRICES = (990, 1_490, 3_280, 6_000)
LINES = st.lists(
    st.tuples(st.integers(1, 3), st.sampled_from(PRICES), st.sampled_from([0, 0, 133])),
    min_size=2,
    max_size=2,
)


class Buying(Run):
    """Anything that may become of an order, in any order."""

    @rule(who=ANY, lines=LINES, is_paid=st.booleans(), seller=ANY, of=ANY)
    def buy(
        self,
        who: int,
        lines: list[tuple[int, int, int]],
        is_paid: bool,  # noqa: FBT001  (hypothesis gives them by name)
        seller: int,
        of: int,
    ) -> None:
        """Place an order; sometimes one that a refund came before, or an exchange."""
        phone = one_of([*self.brand.members, STRANGER], who)
        early = [each for each in self.model.waiting if each not in self.model.orders]
        number = early[0] if early and of % 3 else self._number()
        order = Order(number, phone, "", self.now, self._lines(lines), is_paid=is_paid)
        known = list(self.model.orders.values())
        self._tell(
            order,
            seller_code=one_of([*[s.code for s in self.brand.sellers], ""], seller),
            exchange_of=one_of(known, of).number if known and of < 4 else "",
        )
        self.model.orders[number] = order
        if order.phone not in self.members:
            key = Identity.objects.get(kind="phone", value=phone)
            self.members[phone] = key.member_id
            self.model.owners[phone] = phone
        order.owner = self.model.owners[phone]
        self._refund_waiting(order)

    @precondition(lambda self: self.model.orders)
    @rule(which=ANY, is_named=st.booleans())
    def pay(self, which: int, is_named: bool) -> None:  # noqa: FBT001
        """Pay an order; paying it twice is a newer version like any other.

        Where the till does not say whose it is, it stays whose it was.
        """
        order = self._order(which)
        order.is_paid = True
        self._retell(order, is_named=is_named)

    @precondition(lambda self: self.model.orders)
    @rule(which=ANY, lines=LINES)
    def change(self, which: int, lines: list[tuple[int, int, int]]) -> None:
        """Change the lines of an order, unless more of them came back."""
        order, wanted = self._order(which), self._lines(lines)
        if order.may_become(wanted):
            order.become(wanted)
            self._retell(order)
        else:
            newer = replace(order, lines=wanted)
            assert self._tell(newer) == "rejected"

    @precondition(lambda self: self.model.orders)
    @rule(which=ANY)
    def cancel(self, which: int) -> None:
        """Cancel an order; what was not given back of it is."""
        order = self._order(which)
        order.is_cancelled = True
        self._retell(order)

    @precondition(lambda self: self.model.orders)
    @rule(which=ANY, hours=st.integers(1, 99))
    def repeat(self, which: int, hours: int) -> None:
        """Tell of an order as it was before something happened: nothing does."""
        order = self._order(which)
        older = replace(order, lines=self._lines([(1, 990, 0), (1, 990, 0)]))
        at = order.placed_at - timedelta(hours=hours)
        assert self._tell(older, updated_at=at) == "unchanged"

    @precondition(lambda self: self.model.orders)
    @rule(which=ANY, to=st.sampled_from(["shipped", "ready", "completed"]))
    def ship(self, which: int, to: str) -> None:
        """Say how far the warehouse has come."""
        order = self._order(which)
        told = orders.FulfilmentIn("shop", order.number, to, self.now)
        (answer,) = orders.advance([told], now=self.now)
        is_no = order.is_cancelled or (to == "completed" and not order.is_paid)
        assert (answer.status == "rejected") == is_no, answer

    @rule(
        which=ANY,
        line=st.sampled_from(["1", "2"]),
        pieces=st.integers(0, 2),
        money=st.sampled_from([None, 1, 100, 990, 3_280]),
        is_early=st.integers(0, 7),
    )
    def refund(
        self, which: int, line: str, pieces: int, money: int | None, is_early: int
    ) -> None:
        """Give something back, also of an order that has not come or is not paid."""
        order = self._order(which) if self.model.orders else None
        number = order.number if order and is_early else self._number()
        wish = Wish(self._number(), line, pieces if money else max(pieces, 1), money)
        answer = self._ask_back(number, wish)
        order = self.model.orders.get(number)
        if order is None or not order.is_paid:
            assert answer == "parked"
            self.model.waiting.setdefault(number, []).append(wish)
        elif order.fits(wish):
            assert answer == "new"
            self._note_refund(order, wish)
            assert self._ask_back(number, wish) == "unchanged"
        else:
            assert answer == "rejected"

    @staticmethod
    def _lines(drawn: list[tuple[int, int, int]]) -> dict[str, Line]:
        return {str(place): Line(*line) for place, line in enumerate(drawn, start=1)}

    def _tell(self, order: Order, **fields: Any) -> str:
        """Tell of the order as it is now; return what became of it."""
        paid_at = order.placed_at if order.is_paid else None
        lines = tuple(
            orders.LineIn(name, f"sku-{name}", "大衣", line.quantity, line.price,
                          line.discount)
            for name, line in order.lines.items()
        )  # fmt: skip
        told = orders.OrderIn(
            "shop", order.number, "web", order.placed_at, lines, paid_at=paid_at,
            cancelled_at=self.now if order.is_cancelled else None,
            **{
                "customer": orders.CustomerIn("顧客", phone=order.phone),
                "updated_at": self.now,
                **fields,
            },
        )  # fmt: skip
        (answer,) = orders.record([told], now=self.now)
        return answer.status

    def _retell(self, order: Order, *, is_named: bool = True) -> None:
        """Tell of a change that nothing keeps from being taken."""
        nobody = {} if is_named else {"customer": orders.CustomerIn()}
        assert self._tell(order, **nobody) == "changed"
        if is_named:
            order.owner = self.model.owners[order.phone]
        self._refund_waiting(order)

    def _refund_waiting(self, order: Order) -> None:
        if not order.is_paid:
            return
        waiting = self.model.waiting.pop(order.number, [])
        for wish in waiting:
            if order.fits(wish):
                self._note_refund(order, wish)
            else:
                self.model.waiting.setdefault(order.number, []).append(wish)

    def _ask_back(self, number: str, wish: Wish) -> str:
        part = orders.RefundLineIn(wish.line, wish.pieces, wish.money)
        told = orders.RefundIn("shop", number, wish.number, self.now, (part,))
        (answer,) = orders.record_refunds([told], now=self.now)
        return answer.status

    @staticmethod
    def _note_refund(order: Order, wish: Wish) -> None:
        """Note what was given back; of pieces without a price, what they cost."""
        given = RefundLine.objects.get(
            refund__order__external_id=order.number, refund__external_id=wish.number
        ).amount
        line = order.lines[wish.line]
        if wish.money is None:
            dear = line.net * wish.pieces / line.quantity
            left = line.net - line.money_back
            assert 0 < given <= left
            assert abs(given - dear) < 1 or given == left
        else:
            assert given == wish.money
        order.take_back(wish, given)
