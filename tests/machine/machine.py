"""The machine: everybody does anything in any order, and nothing ever breaks."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from apps.attribution import services as attribution
from apps.commissions import services as commissions
from apps.core.errors import Refused
from apps.loyalty import services as loyalty
from apps.members import services as members
from apps.members.models import Merge as MergeRow
from apps.orders import services as orders
from apps.orders.models import Order as OrderRow
from tests.machine import compare
from tests.machine.buying import Buying
from tests.machine.model import Merge
from tests.machine.rights import Rights
from tests.machine.run import ANY, DAY, one_of


class BrandMachine(Buying, Rights):
    """The verbs of orders, refunds, points, coupons, tiers, merges, credit and pay."""

    # What HQ does with people.

    @precondition(lambda self: len(self.model.people()) > 1)
    @rule(first=ANY, second=ANY)
    def merge(self, first: int, second: int) -> None:
        """Make one of two people; all that both had is the keeper's."""
        keeper = self._person(first)
        others = [each for each in self.model.people() if each != keeper]
        loser = one_of(others, second)
        worth = compare.worth(self.members)
        row = members.merge(
            self._member(keeper), self._member(loser), by=self.brand.admin,
            now=self.now,
        )  # fmt: skip
        self.model.merge(row.pk, keeper, loser, self.now)
        now = compare.worth(self.members)
        assert now[loser] == 0
        assert now[keeper] == worth[keeper] + worth[loser] + compare.gifts_at(self.now)

    @precondition(lambda self: self.model.merges)
    @rule(which=ANY)
    def undo(self, which: int) -> None:
        """Make two of one again, where it is still possible."""
        merge = one_of(self.model.merges, which)
        row = MergeRow.objects.get(pk=merge.pk)
        worth = compare.worth(self.members)
        try:
            members.undo_merge(row, by=self.brand.admin, now=self.now)
        except Refused as refusal:
            assert refusal.code in self._reasons(merge), refusal  # noqa: PT017
            return
        assert self._reasons(merge) == {"points_used"}
        self.model.undo(merge)
        now = compare.worth(self.members)
        assert sum(now.values()) == sum(worth.values()) + compare.gifts_at(self.now)

    def _reasons(self, merge: Merge) -> set[str]:
        gone = {other.loser for other in self.model.merges}
        if merge.keeper in gone:
            return {"merged_on"}
        return {"too_late"} if self.now - merge.at > 30 * DAY else {"points_used"}

    # What the house does by itself.

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        """Let hours go by; what was held for too long is let go."""
        self.now += timedelta(hours=hours)
        loyalty.release_reservations(now=self.now)
        for copy in self.model.copies:
            if copy.held_until is not None and copy.held_until <= self.now:
                copy.free()

    @rule(days=st.integers(1, 25))
    def night(self, days: int) -> None:
        """Let days go by, and the nightly commands run, twice."""
        self.wait(24 * days)
        orders.slide(now=self.now)
        loyalty.release_points(now=self.now)
        loyalty.expire_points(now=self.now)
        loyalty.review_tiers(now=self.now)
        assert orders.slide(now=self.now) == 0
        assert loyalty.expire_points(now=self.now) == 0
        assert loyalty.review_tiers(now=self.now) == 0
        compare.night(self.now)

    @rule()
    def work(self) -> None:
        """Credit what is due, pay it, and take refunds back."""
        due = OrderRow.objects.filter(credit_due_at__isnull=False)
        attribution.credit(list(due.values_list("pk", flat=True)), now=self.now)
        while commissions.accrue(now=self.now).credits:
            pass
        commissions.reverse(now=self.now)
        compare.pay(self.model)
