"""The report as a table to take away."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from apps.reports.reports.conversations.shapes import Line, Report

Cell = str | int | float | None


def table(report: Report) -> tuple[list[str], list[Sequence[Cell]]]:
    """Return the heads and the rows, the total last; shares in per cent, NT$ plain."""
    heads = [
        _("名稱"), _("門市"), _("新綁定"), _("掃 QR 綁定"), _("其他綁定"), _("訊息"),
        _("推播"), _("傳送連結"), _("點開的連結"), _("點擊率 %"), _("點擊"),
        _("訂單"), _("連結訂單"), _("轉換率 %"), _("認列金額"), _("退款"), _("業績"),
        _("客單價"), _("與平均差 %"), _("占線上業績 %"), _("訊息成本"),
        _("業績為成本的倍數"), _("影響訂單"), _("影響業績"), _("門市業績"),
    ]  # fmt: skip
    return heads, [_row(line) for line in (*report.lines, report.total)]


def _row(line: Line) -> Sequence[Cell]:
    own = line.figures
    gap = None if line.aov_gap is None else round(line.aov_gap, 1)
    return [
        line.label, line.note, own.bound, own.by_qr, own.by_hand, own.messages,
        own.pushes, own.links, own.opened, _pct(own.click_rate), own.clicks,
        own.orders, own.link_orders, _pct(own.conversion), own.credited, own.refunded,
        own.revenue, own.aov, gap, _pct(line.share), float(own.cost),
        own.return_on_cost, own.influenced_orders, own.influenced, own.in_store,
    ]  # fmt: skip


def _pct(basis_points: int | None) -> float | None:
    return None if basis_points is None else basis_points / 100
