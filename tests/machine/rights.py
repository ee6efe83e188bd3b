"""The steps of rights: points granted and burned, tiers by hand, coupons."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from apps.loyalty import services as loyalty
from apps.loyalty.models import CouponIssue, CouponUse
from tests.machine.model import Copy, copy_ends
from tests.machine.run import ANY, DAY, Run, one_of


class Rights(Run):
    """What the desk and the members do with points and coupons."""

    @rule(who=ANY, points=st.integers(1, 300))
    def grant(self, who: int, points: int) -> None:
        """Give a member points for a cause, twice."""
        member, cause = self._member(self._person(who)), self._number()
        for expected in ([member.pk], []):
            given = loyalty.grant(
                [member.pk], points, source_type="test", source_id=cause, now=self.now
            )
            assert given == expected
        self.model.granted += points

    @rule(who=ANY, points=st.integers(1, 150))
    def burn(self, who: int, points: int) -> None:
        """Pay with points: whoever has them at hand can, nobody else."""
        member, cause = self._member(self._person(who)), self._number()
        available = loyalty.balance(member, now=self.now).available
        quoted = loyalty.quote(member, basket_total=10_000, now=self.now)
        assert quoted.burnable == min(available, 10_000)
        did = self._try(
            lambda: loyalty.burn(
                member, points, source_type="till", source_id=cause, now=self.now
            )
        )
        assert did == (points <= available)
        if did:
            self.model.burned[cause] = points

    @precondition(lambda self: self.model.burned)
    @rule(which=ANY)
    def give_back(self, which: int) -> None:
        """Give back what was burned, once."""
        cause = one_of(list(self.model.burned), which)
        fresh = cause not in self.model.given_back
        back = loyalty.give_back("till", cause, now=self.now)
        assert back == (self.model.burned[cause] if fresh else 0)
        self.model.given_back.add(cause)

    @rule(who=ANY, points=st.integers(1, 150))
    def deduct(self, who: int, points: int) -> None:
        """Take points off by hand, from whoever has as many."""
        member, cause = self._member(self._person(who)), self._number()
        available = loyalty.balance(member, now=self.now).available
        did = self._try(
            lambda: loyalty.deduct(
                member, points, source_type="test", source_id=cause, reason="x",
                by=self.brand.admin, now=self.now,
            )
        )  # fmt: skip
        assert did == (points <= available)
        self.model.deducted += points if did else 0

    @rule(who=ANY, tier=st.integers(0, 1))
    def honour(self, who: int, tier: int) -> None:
        """Put a member on a tier by hand for some days."""
        loyalty.set_tier(
            self._member(self._person(who)), self.brand.tiers[tier],
            until=self.now + 9 * DAY, reason="x", by=self.brand.admin, now=self.now,
        )  # fmt: skip

    # What is done with coupons.

    @rule(who=ANY, which=st.integers(0, 1))
    def issue(self, who: int, which: int) -> None:
        """Give a member a copy, within the caps."""
        person, design = self._person(who), self.brand.coupons[which]
        copies = [copy for copy in self.model.copies if copy.coupon == which]
        held = [c for c in copies if c.owner == person and c.state != "voided"]
        is_free = len(copies) < 6 and not held if which == 0 else len(held) < 2
        (answer,) = loyalty.issue(
            design, [self.members[person]], source="hq", now=self.now
        )
        assert isinstance(answer, loyalty.Issued) == is_free, answer
        if isinstance(answer, loyalty.Issued):
            until = copy_ends(self.now) if which else None
            self.model.copies.append(Copy(answer.code, which, person, until))

    @precondition(lambda self: self.model.copies)
    @rule(which=ANY, order=st.integers(0, 3), hours=st.integers(1, 50))
    def reserve(self, which: int, order: int, hours: int) -> None:
        """Hold a copy for an order, as a till does that may be offline later."""
        copy, number = one_of(self.model.copies, which), f"C-{order}"
        until = self.now + timedelta(hours=hours)
        if self._use(loyalty.reserve, copy, number, until=until):
            was_used = copy.state == "redeemed"
            copy.used_in = number
            if not was_used and copy.state != "reserved":
                copy.state, copy.held_until = "reserved", until

    @precondition(lambda self: self.model.copies)
    @rule(which=ANY, order=st.integers(0, 3))
    def redeem(self, which: int, order: int) -> None:
        """Use a copy in an order."""
        copy, number = one_of(self.model.copies, which), f"C-{order}"
        if self._use(loyalty.redeem, copy, number):
            copy.state, copy.used_in, copy.held_until = "redeemed", number, None

    @precondition(lambda self: self.model.copies)
    @rule(which=ANY)
    def void(self, which: int) -> None:
        """Give the copy back that an order holds or used."""
        copy = one_of(self.model.copies, which)
        use = loyalty.live_use(CouponIssue.objects.get(code=copy.code))
        assert (use is not None) == bool(copy.used_in)
        if use is not None:
            loyalty.void(use, reason="x", by=self.brand.admin, now=self.now)
            copy.free()

    @precondition(lambda self: self.model.copies)
    @rule(which=ANY)
    def withdraw(self, which: int) -> None:
        """Take a copy back from its member, unless it is in use."""
        copy = one_of(self.model.copies, which)
        row = CouponIssue.objects.get(code=copy.code)
        did = self._try(
            lambda: loyalty.withdraw_coupon(
                row, reason="x", by=self.brand.admin, now=self.now
            )
        )
        assert did == (copy.state == "issued")
        if did:
            copy.state = "voided"

    def _use(
        self, verb: Callable[..., CouponUse], copy: Copy, number: str, **fields: Any
    ) -> bool:
        used = self.model.live_uses(copy.coupon)
        may = copy.may_be_used(
            number, is_full=copy.coupon == 0 and used >= 3, now=self.now
        )
        basket = loyalty.Basket("web", sum=1_000)
        did = self._try(
            lambda: verb(
                copy.code, basket=basket, order_source="shop",
                order_external_id=number, now=self.now, **fields,
            )
        )  # fmt: skip
        assert did == may
        return did
