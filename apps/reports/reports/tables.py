"""The tables of the dashboard: stores, classes of credit, the best sellers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from django.db.models import Aggregate, Count, FloatField, Sum

from apps.attribution.models import Basis
from apps.commissions.models import CommissionEntry
from apps.commissions.reports.month import MADE
from apps.core import clock
from apps.members.models import Binding
from apps.orders.models import Order
from apps.reports.models import DailySales, ReplyWait
from apps.reports.reports.period import WHOLE, Period
from apps.reports.reports.shapes import BasisBar, Seller, StoreRow
from apps.reports.reports.sums import ASSISTED, STORE, Sums, kind_of, share
from apps.staff.models import Posting, Staff
from apps.stores.models import Store, Target

SLOW_MINUTES = 15
TOP = 5


class Median(Aggregate):
    """PostgreSQL's median of a column."""

    function = "PERCENTILE_CONT"
    name = "Median"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


def pace_of(period: Period, today: date) -> int:
    """Return how much of the target should be reached: of a month its days gone."""
    if not period.is_month:
        return WHOLE
    until = Period(period.first, min(period.last, today))
    return until.part_of_month(period.first)


def store_rows(
    period: Period, stores: Sequence[Store], pace: int
) -> tuple[StoreRow, ...]:
    """Return the stores with their figures, the highest sales first."""
    sales = _sales(period, stores)
    targets, bindings = _targets(period, stores), _new_bindings(period)
    waits = _waits(period)
    rows = [
        _store_row(
            store,
            sales[store.pk],
            target=targets.get(store.pk),
            pace=pace,
            new_bindings=bindings.get(store.pk, 0),
            seconds=waits.get(store.pk),
        )
        for store in stores
    ]
    return tuple(sorted(rows, key=lambda row: (-row.sales, row.store.code)))


def _store_row(
    store: Store,
    sales: dict[str, int],
    *,
    target: int | None,
    pace: int,
    new_bindings: int,
    seconds: float | None,
) -> StoreRow:
    total = sum(sales.values())
    achieved = share(total, target) if target else None
    minutes = None if seconds is None else round(seconds / 60)
    return StoreRow(
        store=store,
        sales=total,
        target=target,
        achieved=achieved,
        is_late=achieved is not None and achieved < pace,
        online_share=share(total - sales[STORE], total),
        assisted=sales[ASSISTED],
        new_bindings=new_bindings,
        reply_minutes=minutes,
        is_slow=minutes is not None and minutes > SLOW_MINUTES,
    )


def _sales(period: Period, stores: Sequence[Store]) -> dict[int, dict[str, int]]:
    sums: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    sold = DailySales.objects.filter(
        day__range=(period.first, period.last), store__in=stores
    )
    for row in sold.values("store", "channel", "basis").annotate(sum=Sum("net")):
        sums[row["store"]][kind_of(row["channel"], row["basis"])] += row["sum"]
    return sums


def _targets(period: Period, stores: Sequence[Store]) -> dict[int, int]:
    """Return the targets: of a month the whole, else each month's part by its days."""
    sums: dict[int, int] = defaultdict(int)
    for target in Target.objects.filter(store__in=stores, month__in=period.months):
        part = WHOLE if period.is_month else period.part_of_month(target.month)
        sums[target.store_id] += target.amount * part // WHOLE
    return sums


def _new_bindings(period: Period) -> dict[int, int]:
    made = Binding.objects.filter(
        source__in=MADE,
        period__startswith__gte=clock.start_of(period.first),
        period__startswith__lt=clock.end_of(period.last),
    )
    counts = made.values("store").annotate(n=Count("member", distinct=True))
    return dict(counts.values_list("store", "n"))


def _waits(period: Period) -> dict[int | None, float]:
    asked = ReplyWait.objects.filter(
        asked_at__gte=clock.start_of(period.first),
        asked_at__lt=clock.end_of(period.last),
    )
    medians = asked.values("store").annotate(median=Median("seconds"))
    return dict(medians.values_list("store", "median"))


def basis_bars(period: Period, sums: Sums) -> tuple[BasisBar, ...]:
    """Return how the online sales were credited; those that pay come first."""
    by_basis = sums.by_basis(period)
    total = sum(by_basis.values())
    bars = [
        BasisBar(
            basis=basis.value,
            label=str(basis.label),
            amount=by_basis[basis.value],
            share=share(by_basis[basis.value], total) or 0,
            pays=basis is not Basis.HOUSE,
        )
        for basis in Basis
        if basis is not Basis.POS_SELLER
    ]
    return tuple(sorted(bars, key=lambda bar: (not bar.pays, -bar.amount)))


def top_sellers(period: Period, stores: Sequence[Store] | None) -> tuple[Seller, ...]:
    """Return the five who sold most online, with the commission on it."""
    sold = DailySales.objects.filter(
        day__range=(period.first, period.last), staff__isnull=False
    ).exclude(channel=Order.Channel.STORE)
    if stores is not None:
        sold = sold.filter(store__in=stores)
    best = sold.values("staff").annotate(sum=Sum("net")).order_by("-sum", "staff")[:TOP]
    sums = dict(best.values_list("staff", "sum"))
    people = Staff.objects.in_bulk(sums)
    postings = Posting.objects.on(period.last).filter(staff__in=people)
    at = {
        posting.staff_id: posting.store
        for posting in postings.select_related("store").order_by("is_main", "-pk")
    }
    commissions = _commissions(period, list(sums))
    return tuple(
        Seller(people[pk], at.get(pk), amount, commissions.get(pk, 0))
        for pk, amount in sums.items()
    )


def _commissions(period: Period, staff_ids: list[int]) -> dict[int, int]:
    entries = CommissionEntry.objects.filter(
        staff__in=staff_ids,
        credit__is_online=True,
        credit__placed_at__gte=clock.start_of(period.first),
        credit__placed_at__lt=clock.end_of(period.last),
    )
    sums = entries.values("staff").annotate(sum=Sum("amount"))
    return dict(sums.values_list("staff", "sum"))
