"""Disputes: who may object, who may rule, and how the ledger follows the ruling."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, connections
from django.db.models import Sum
from hypothesis import given
from hypothesis import strategies as st

from apps.attribution import services as attribution
from apps.attribution.invariants import INVARIANTS as CREDIT_INVARIANTS
from apps.attribution.models import Credit, Decision
from apps.commissions import rules
from apps.commissions import services as commissions
from apps.commissions.invariants import INVARIANTS
from apps.commissions.models import CommissionEntry, Dispute, Ruling
from apps.commissions.services import rulings
from apps.core import clock
from apps.core.errors import Refused
from apps.core.money import WHOLE
from apps.members.models import Member
from apps.orders.models import Order
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 21, 12, tzinfo=clock.TAIPEI)
DAY = timedelta(days=1)
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
SAID = "客人前一天跟我聊了尺寸"


@pytest.fixture(autouse=True)
def _sound() -> Iterator[None]:
    """Check every invariant after every test."""
    yield
    with connection.cursor() as cursor:
        for name, query in {**CREDIT_INVARIANTS, **INVARIANTS}.items():
            cursor.execute(query)
            assert cursor.fetchall() == [], name


@pytest.fixture
def store(db: None) -> Store:
    make.plan()
    return make.store()


@pytest.fixture
def lin(store: Store) -> Staff:
    return make.staff("林怡君", at=store)


@pytest.fixture
def huang(store: Store) -> Staff:
    return make.staff("黃子芸", at=make.store("新竹竹北店"))


@pytest.fixture
def hq(db: None) -> Staff:
    return make.staff("許雅筑", role=Staff.Role.ADMIN)


@pytest.fixture
def buyer(lin: Staff, store: Store) -> Member:
    """A customer who chatted with Lin last; Huang comes second by an earlier chat."""
    person = make.member()
    make.bound(person, lin, store, since=NOW - 90 * DAY)
    return person


def chatted(member: Member, staff: Staff, at: datetime) -> None:
    """Record a reply in the chat."""
    attribution.touch(
        "chat_reply", member=member, staff=staff, store=None, product=None, link=None,
        evidence=("message", make.number()), now=at,
    )  # fmt: skip


def sold(buyer: Member, lin: Staff, rival: Staff, amount: int = 5_480) -> Order:
    """Sell to the customer; Lin's later reply takes it from the rival's."""
    chatted(buyer, rival, NOW - 2 * DAY)
    chatted(buyer, lin, NOW - DAY)
    order = make.order(buyer, amount, placed_at=NOW)
    attribution.credit([order.pk], now=NOW)
    commissions.accrue(now=NOW)
    return order


def disputed(order: Order, by: Staff, *, now: datetime = NOW + DAY) -> Dispute:
    """Object to the order's only line."""
    return commissions.open_dispute(order.lines.get(), by=by, reason=SAID, now=now)


def ruled(dispute: Dispute, outcome: str, by: Staff, now: datetime = NOW) -> Ruling:
    """Rule with a reason."""
    return commissions.rule(dispute, outcome, reason="看了對話", by=by, now=now)


def refusal(code: str, act: Callable[[], object]) -> None:
    """Expect the verb to refuse with the code."""
    with pytest.raises(Refused) as refused:
        act()
    assert refused.value.code == code


def paid_to(person: Staff) -> int:
    """Return what the ledger holds for the person."""
    own = CommissionEntry.objects.filter(staff=person)
    return int(own.aggregate(sum=Sum("amount", default=0))["sum"])


def test_an_objection_gathers_its_evidence(
    buyer: Member, lin: Staff, huang: Staff
) -> None:
    dispute = disputed(sold(buyer, lin, huang), huang)

    assert (dispute.against, dispute.state, dispute.store) == (lin, "with_hq", None)
    assert len(dispute.evidence["touches"]) == 2
    assert len(dispute.evidence["messages"]) == 2
    assert len(dispute.evidence["bindings"]) == 1
    statuses = {
        each["staff"]: each["status"] for each in dispute.evidence["candidates"]
    }
    assert statuses[huang.pk] == "later_won"


def test_who_may_object(buyer: Member, lin: Staff, huang: Staff, hq: Staff) -> None:
    order = sold(buyer, lin, huang)
    refusal("dispute_own", lambda: disputed(order, lin))
    refusal("dispute_not_concerned", lambda: disputed(order, make.staff("路人")))
    refusal("dispute_too_late", lambda: disputed(order, huang, now=NOW + 30 * DAY))
    line = order.lines.get()
    refusal(
        "dispute_reason",
        lambda: commissions.open_dispute(line, by=huang, reason="  ", now=NOW),
    )
    disputed(order, huang, now=NOW + 30 * DAY - timedelta(microseconds=1))
    refusal("dispute_twice", lambda: disputed(order, huang))


def test_a_withdrawn_objection_may_be_made_again(
    buyer: Member, lin: Staff, huang: Staff, hq: Staff
) -> None:
    order = sold(buyer, lin, huang)
    first = disputed(order, huang)
    refusal(
        "dispute_not_own",
        lambda: commissions.withdraw_dispute(first, by=lin, now=NOW),
    )
    commissions.withdraw_dispute(first, by=huang, now=NOW)
    refusal("dispute_over", lambda: ruled(first, "keep", hq))
    assert disputed(order, huang).state == "with_hq"


def test_within_a_store_its_manager_rules_or_passes_it_on(
    buyer: Member, lin: Staff, store: Store
) -> None:
    colleague = make.staff("蔡承恩", at=store)
    wang = make.staff("王店長", at=store, role=Staff.Role.MANAGER)
    dispute = disputed(sold(buyer, lin, colleague), colleague)

    assert (dispute.state, dispute.store) == ("open", store)
    rulable = Dispute.objects.rulable_by
    assert list(rulable(wang)) == [dispute]
    assert not rulable(lin)
    assert not rulable(colleague)
    commissions.pass_dispute_on(dispute, by=wang, now=NOW + DAY)
    assert not rulable(wang)
    refusal(
        "dispute_over",
        lambda: commissions.pass_dispute_on(dispute, by=wang, now=NOW + DAY),
    )


def test_each_sees_only_what_concerns_them(
    buyer: Member, lin: Staff, huang: Staff, store: Store, hq: Staff
) -> None:
    dispute = disputed(sold(buyer, lin, huang), huang)
    stranger = make.staff("別人", at=store)
    manager = make.staff("王店長", at=store, role=Staff.Role.MANAGER)
    seen = Dispute.objects.visible_to
    for person in (lin, huang, hq):
        assert list(seen(person)) == [dispute]
    for person in (stranger, manager):
        assert not seen(person)


def test_a_ruling_that_keeps_the_credit_moves_nothing(
    buyer: Member, lin: Staff, huang: Staff, hq: Staff
) -> None:
    order = sold(buyer, lin, huang)
    ruling = ruled(disputed(order, huang), "keep", hq)
    assert ruling.decision is None
    assert (paid_to(lin), paid_to(huang)) == (164, 0)


def test_a_reassigned_line_is_taken_back_and_paid_at_the_orders_plan(
    buyer: Member, lin: Staff, huang: Staff, hq: Staff
) -> None:
    order = sold(buyer, lin, huang)
    make.plan(online=900, since=date(2026, 11, 21))
    ruled(disputed(order, huang), "reassign", hq, now=NOW + 2 * DAY)

    rows = CommissionEntry.objects.order_by("pk").values_list(
        "staff", "kind", "month", "rate", "amount"
    )
    assert list(rows)[1:] == [
        (lin.pk, "reversal", NOVEMBER, 300, -164),
        (huang.pk, "accrual", NOVEMBER, 300, 164),
    ]
    own = Credit.objects.get(superseded_at=None)
    assert (own.staff, own.amount, own.share) == (huang, 5_480, WHOLE)
    statuses = {
        c["staff"]: c["status"] for c in own.decision.candidates if c["rank"] < 6
    }
    assert statuses == {huang.pk: "ruled", lin.pk: "overruled"}


@pytest.mark.parametrize("amount", [1, 33, 1_020, 5_480, 5_481, 99_999])
def test_a_split_line_pays_what_the_whole_did(
    buyer: Member, lin: Staff, huang: Staff, hq: Staff, amount: int
) -> None:
    order = sold(buyer, lin, huang, amount)
    before = paid_to(lin)
    ruled(disputed(order, huang), "split", hq)
    assert paid_to(lin) + paid_to(huang) == before
    assert abs(paid_to(lin) - paid_to(huang)) <= 1
    credits_ = Credit.objects.filter(superseded_at=None)
    assert sum(credit.share for credit in credits_) == WHOLE
    assert sum(credit.amount for credit in credits_) == amount


def test_after_a_split_a_full_refund_takes_everything_back(
    buyer: Member, lin: Staff, huang: Staff, hq: Staff
) -> None:
    order = sold(buyer, lin, huang, 1_021)
    line = order.lines.get()
    make.refund(line, 300, at=NOW)
    commissions.reverse(now=NOW)
    ruled(disputed(order, huang), "split", hq)
    make.refund(line, 721, at=NOW + DAY)
    commissions.reverse(now=NOW + DAY)
    assert (paid_to(lin), paid_to(huang)) == (0, 0)


def test_a_closed_month_is_not_touched_by_a_ruling(
    buyer: Member, lin: Staff, huang: Staff, hq: Staff
) -> None:
    order = sold(buyer, lin, huang)
    dispute = disputed(order, huang)
    december = NOW + 20 * DAY
    closed = commissions.close_month(NOVEMBER, by=hq, now=december)
    ruled(dispute, "reassign", hq, now=december)
    moved = CommissionEntry.objects.filter(month=DECEMBER)
    assert sorted(moved.values_list("amount", flat=True)) == [-164, 164]
    november = CommissionEntry.objects.filter(month=NOVEMBER)
    assert november.aggregate(sum=Sum("amount"))["sum"] == closed.total


def test_nothing_decides_a_ruled_line_again(
    buyer: Member, lin: Staff, huang: Staff, hq: Staff
) -> None:
    order = sold(buyer, lin, huang)
    ruled(disputed(order, huang), "split", hq)
    chatted(buyer, make.staff("第三人"), NOW - timedelta(minutes=1))
    attribution.credit([order.pk], now=NOW + DAY)
    commissions.accrue(now=NOW + DAY)
    current = Decision.objects.get(superseded_at=None)
    assert current.rulings.get().outcome == "split"
    assert CommissionEntry.objects.count() == 4


def test_who_may_not_rule_and_how(
    buyer: Member, lin: Staff, huang: Staff, hq: Staff
) -> None:
    dispute = disputed(sold(buyer, lin, huang), huang)
    refusal("ruling_party", lambda: ruled(dispute, "reassign", huang))
    refusal("ruling_party", lambda: ruled(dispute, "keep", lin))
    refusal("ruling_outcome", lambda: ruled(dispute, "whatever", hq))
    refusal(
        "ruling_reason",
        lambda: commissions.rule(dispute, "keep", reason=" ", by=hq, now=NOW),
    )
    ruled(dispute, "keep", hq)
    refusal("dispute_over", lambda: ruled(dispute, "reassign", hq))


def test_time_passes_it_on_and_ends_it(
    buyer: Member, lin: Staff, store: Store, hq: Staff
) -> None:
    colleague = make.staff("蔡承恩", at=store)
    make.staff("王店長", at=store, role=Staff.Role.MANAGER)
    dispute = disputed(sold(buyer, lin, colleague), colleague, now=NOW)

    def state(days: int) -> str:
        commissions.advance_disputes(now=NOW + days * DAY)
        dispute.refresh_from_db()
        return dispute.state

    assert [state(days) for days in (6, 7, 66, 67)] == [
        "open", "with_hq", "with_hq", "expired",
    ]  # fmt: skip
    assert paid_to(colleague) == 0


@given(people=st.integers(1, 40))
def test_even_shares_are_the_whole(people: int) -> None:
    shares = rules.even_shares(people)
    assert sum(shares) == WHOLE
    assert max(shares) - min(shares) <= 1


@given(
    amounts=st.lists(st.integers(0, 10**7), min_size=1, max_size=9),
    rate=st.integers(0, WHOLE),
)
def test_shares_of_a_line_earn_what_the_line_does(
    amounts: list[int], rate: int
) -> None:
    even = rules.even_shares(len(amounts))
    own = [
        rules.Part(amount, share, rules.Rate(rate))
        for amount, share in zip(amounts, even, strict=True)
    ]
    parts = rules.earned_together(own, 1)
    assert sum(parts) == rules.Rate(rate).earned(sum(amounts), 1)
    assert all(0 <= part <= amount for part, amount in zip(parts, amounts, strict=True))


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    """Two people act on one dispute in the same moment."""

    def race(self, *acts: Callable[[], object]) -> list[str]:
        """Run the acts at once; return what became of each."""
        gate, fates = threading.Barrier(len(acts)), []

        def run(act: Callable[[], object]) -> None:
            try:
                gate.wait(10)
                act()
                fates.append("done")
            except Refused as refused:
                fates.append(refused.code)
            except IntegrityError:
                fates.append("broken")
            finally:
                connections.close_all()

        threads = [threading.Thread(target=run, args=[act]) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        return sorted(fates)

    def test_of_two_rulers_one_rules(
        self, buyer: Member, lin: Staff, huang: Staff, hq: Staff
    ) -> None:
        dispute = disputed(sold(buyer, lin, huang), huang)
        other = make.staff("財務", role=Staff.Role.FINANCE)
        fates = self.race(
            lambda: ruled(dispute, "reassign", hq),
            lambda: ruled(dispute, "split", other),
        )
        assert fates == ["dispute_over", "done"]
        assert Ruling.objects.count() == 1

    def test_without_the_lock_both_set_out(
        self,
        buyer: Member,
        lin: Staff,
        huang: Staff,
        hq: Staff,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        dispute = disputed(sold(buyer, lin, huang), huang)
        other = make.staff("財務", role=Staff.Role.FINANCE)
        both = threading.Barrier(2)

        def unlocked(dispute: Dispute) -> Dispute:
            row = Dispute.objects.get(pk=dispute.pk)
            both.wait(10)
            return row

        monkeypatch.setattr(rulings, "hold", unlocked)
        fates = self.race(
            lambda: ruled(dispute, "keep", hq), lambda: ruled(dispute, "keep", other)
        )
        assert fates == ["broken", "done"]

    def test_a_double_click_is_one_objection(
        self, buyer: Member, lin: Staff, huang: Staff
    ) -> None:
        order = sold(buyer, lin, huang)
        fates = self.race(
            lambda: disputed(order, huang), lambda: disputed(order, huang)
        )
        assert fates == ["dispute_twice", "done"]
        assert Dispute.objects.count() == 1
