"""What became of coupons: handed out, opened, used, and what was bought with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from apps.core import clock
from apps.loyalty.models import Coupon, CouponIssue, CouponUse
from apps.loyalty.rules.coupons import grouped
from apps.ui.spreadsheets import Cell


@dataclass(frozen=True)
class CouponFigures:
    """The figures of a coupon; sums in NT$."""

    coupon: Coupon
    issued: int = 0
    opened: int = 0
    redeemed: int = 0
    revenue: int = 0
    discount: int = 0

    @property
    def redeemed_bp(self) -> int:
        """Return the share of the issued that were redeemed, in basis points."""
        return self.redeemed * 10_000 // self.issued if self.issued else 0


def figures_of(coupons: Sequence[Coupon]) -> list[CouponFigures]:
    """Return the figures of each coupon, in two queries."""
    issues: dict[int, Mapping[str, Any]] = {
        row["coupon"]: row
        for row in CouponIssue.objects.real()
        .filter(coupon__in=coupons)
        .values("coupon")
        .annotate(issued=Count("pk"), opened=Count("pk", Q(opened_at__isnull=False)))
        .order_by()
    }
    uses: dict[int, Mapping[str, Any]] = {
        row["issue__coupon"]: row
        for row in CouponUse.objects.filter(
            issue__coupon__in=coupons, state=CouponUse.State.REDEEMED
        )
        .exclude(issue__source=CouponIssue.Source.TEST)
        .values("issue__coupon")
        .annotate(
            redeemed=Count("pk"), revenue=Sum("basket_total"), saved=Sum("discount")
        )
        .order_by()
    }
    return [_of(c, issues.get(c.pk, {}), uses.get(c.pk, {})) for c in coupons]


def _of(
    coupon: Coupon, issues: Mapping[str, Any], uses: Mapping[str, Any]
) -> CouponFigures:
    return CouponFigures(
        coupon,
        issued=issues.get("issued", 0),
        opened=issues.get("opened", 0),
        redeemed=uses.get("redeemed", 0),
        revenue=uses.get("revenue", 0),
        discount=uses.get("saved", 0),
    )


def use_heads() -> list[str]:
    """Return the heads of the file of uses."""
    return [
        _("代碼"), _("會員編號"), _("狀態"), _("訂單"), _("來源"), _("通路"), _("門市"),
        _("店員"), _("消費金額"), _("折抵"), _("時間"), _("作廢理由"),
    ]  # fmt: skip


def use_rows(coupon: Coupon) -> Iterator[Sequence[Cell]]:
    """Yield every use of the coupon, newest first, for a file."""
    uses = (
        CouponUse.objects.filter(issue__coupon=coupon)
        .select_related("issue__member", "store", "staff")
        .order_by("-at", "-pk")
    )
    for use in uses.iterator(chunk_size=2000):
        yield [
            use.issue.shown_code,
            use.issue.member.number if use.issue.member else "",
            use.get_state_display(),
            use.order_external_id,
            use.get_trigger_display(),
            use.get_channel_display(),
            use.store.label if use.store else "",
            use.staff.label if use.staff else "",
            use.basket_total,
            use.discount,
            _minute(use.at),
            use.void_reason,
        ]


def issue_heads() -> list[str]:
    """Return the heads of the file of copies."""
    return [
        _("代碼"), _("會員編號"), _("狀態"), _("來源"), _("發送店員"), _("發送時間"),
        _("開啟時間"), _("使用截止"),
    ]  # fmt: skip


def issue_rows(coupon: Coupon) -> Iterator[Sequence[Cell]]:
    """Yield every copy of the coupon, newest first, for a file."""
    states = {value: str(label) for value, label in CouponIssue.State.choices}
    sources = {value: str(label) for value, label in CouponIssue.Source.choices}
    copies = coupon.issues.order_by("-issued_at", "-pk").values_list(
        "code", "member__number", "state", "source", "issued_by__name", "issued_at",
        "opened_at", "valid_until",
    )  # fmt: skip
    for code, number, state, source, giver, *times in copies.iterator(chunk_size=5000):
        yield [
            grouped(code), number, states[state], sources[source], giver,
            *(_minute(at) for at in times),
        ]  # fmt: skip


def print_heads() -> list[str]:
    """Return the heads of the file of printed codes."""
    return [_("代碼"), _("優惠券"), _("優惠"), _("使用截止")]


def print_rows(
    coupon: Coupon, copies: Sequence[CouponIssue]
) -> Iterator[Sequence[Cell]]:
    """Yield the copies for a printer, as they are typed and until when."""
    for copy in copies:
        last = f"{copy.last_day:%Y-%m-%d}" if copy.last_day else ""
        yield [copy.shown_code, coupon.name, coupon.worth, last]


def _minute(at: datetime | None) -> str:
    return f"{at.astimezone(clock.TAIPEI):%Y-%m-%d %H:%M}" if at else ""
