"""The customer's way to the order, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from apps.attribution import words
from apps.attribution.models import Decision, PageView, Touch
from apps.attribution.reports.case import Case, with_store
from apps.attribution.reports.shapes import Moment
from apps.attribution.rules import Candidate, Status
from apps.members.models import Binding
from apps.orders.models import Order, Refund
from apps.ui.words import money

ICONS = {
    "binding": "qr",
    "link_sent": "send",
    "link_click": "link",
    "chat_reply": "chat",
    "cart_built": "cart",
    "cart_opened": "eye",
    "coupon_issued": "ticket",
    "coupon_redeemed": "ticket",
    "booking": "cal",
    "campaign_click": "mega",
    "view": "eye",
    "order": "bag",
    "paid": "coin",
    "refund": "repeat",
    "cooling_off": "clock",
}


def timeline(case: Case) -> tuple[Moment, ...]:
    """Return what happened around the order, the oldest first."""
    rows = [
        *(_binding(case, binding) for binding in case.bindings),
        *(_touch(case, touch) for touch in case.touches),
        *_untouched(case),
        *(_view(case, view) for view in case.views),
        *_order(case),
        *(_refund(case, refund) for refund in case.refunds),
        *_cooling_off(case),
    ]
    return tuple(sorted(rows, key=lambda row: row.at))


def _judged(case: Case, candidate: Candidate, moment: Moment) -> Moment:
    """Return the row with what became of the candidate that it proves."""
    decision = _decision_of(case, candidate)
    rung = case.version.rules.rungs[candidate.rank - 1]
    detail = words.reason(candidate, rung, case.winner(decision))
    return replace(
        moment,
        detail=detail,
        status=_tone(candidate.status),
        rank=candidate.rank,
        chip=words.ranked(candidate),
        is_relevant=True,
    )


def _decision_of(case: Case, candidate: Candidate) -> Decision:
    """Return the decision on the largest line in which the candidate is told so."""
    return next(each for each in case.in_force if candidate in case.candidates[each.pk])


def _tone(status: Status) -> str:
    if status in {Status.WON, Status.INACTIVE, Status.RULED}:
        return "won"
    counted = {Status.OUTRANKED, Status.SHARED}
    return "counted" if status in counted else "ignored"


def _row(case: Case, kind: str, row: Binding | Touch | PageView, title: str) -> Moment:
    at = row.period.lower if isinstance(row, Binding) else row.at
    return Moment(
        kind=kind,
        icon=ICONS[kind],
        at=at,
        when=words.moment(at),
        gap=words.before(at, case.order.placed_at),
        title=title,
        detail="",
        status="ignored",
        is_relevant=False,
    )


def _binding(case: Case, binding: Binding) -> Moment:
    facts = {
        "who": with_store(binding.staff, binding.store),
        "source": binding.get_source_display(),
    }
    title = _("綁定%(who)s，%(source)s") % facts
    moment = _row(case, "binding", binding, title)
    candidate = case.by_evidence.get(("binding", str(binding.pk)))
    return _judged(case, candidate, moment) if candidate else moment


def _touch(case: Case, touch: Touch) -> Moment:
    facts = {
        "who": with_store(touch.staff, touch.store),
        "product": touch.product.label if touch.product else _("官網"),
        "goods": touch.product.label if touch.product else _("商品"),
    }
    titles = {
        Touch.Kind.LINK_SENT: _("%(who)s傳送「%(product)s」的推廣連結"),
        Touch.Kind.LINK_CLICK: _("點擊%(who)s的推廣連結「%(product)s」"),
        Touch.Kind.CHAT_REPLY: _("%(who)s在 LINE 對話中回覆"),
        Touch.Kind.CART_BUILT: _("%(who)s把「%(goods)s」放進購物車"),
        Touch.Kind.CART_OPENED: _("打開%(who)s準備的購物車"),
        Touch.Kind.COUPON_ISSUED: _("%(who)s發送優惠券"),
        Touch.Kind.COUPON_REDEEMED: _("使用%(who)s發的優惠券"),
        Touch.Kind.BOOKING: _("%(who)s完成預約服務"),
        Touch.Kind.CAMPAIGN_CLICK: _("點擊總部的行銷訊息"),
    }
    moment = _row(case, touch.kind, touch, titles[Touch.Kind(touch.kind)] % facts)
    candidate = case.by_evidence.get((touch.evidence_type, touch.evidence_id))
    if candidate and touch.kind != Touch.Kind.COUPON_REDEEMED:
        return _judged(case, candidate, moment)
    return moment


def _untouched(case: Case) -> Iterator[Moment]:
    """Yield what counted and is no touch of the buyer's own.

    The click the order came by, where it was another member's link; goods that were
    put into the cart; and a coupon, which counts from when it was issued.
    """
    kinds = {
        "click": ("link_click", _("由%(who)s的推廣連結進入官網")),
        "cartline": ("cart_built", _("%(who)s把商品放進購物車")),
        "couponuse": ("coupon_issued", _("%(who)s發送這筆用的優惠券")),
    }
    told = {(touch.evidence_type, touch.evidence_id) for touch in case.touches}
    told = {proof for proof in told if proof[0] != "couponuse"}
    for evidence, candidate in case.by_evidence.items():
        if evidence[0] not in kinds or evidence in told or candidate.at is None:
            continue
        kind, title = kinds[evidence[0]]
        moment = Moment(
            kind=kind,
            icon=ICONS[kind],
            at=candidate.at,
            when=words.moment(candidate.at),
            gap=words.before(candidate.at, case.order.placed_at),
            title=title % {"who": case.named(candidate)},
            detail="",
            status="ignored",
        )
        yield _judged(case, candidate, moment)


def _view(case: Case, view: PageView) -> Moment:
    page = view.product.label if view.product else view.path
    return _row(case, "view", view, _("在官網看「%(page)s」") % {"page": page})


def _fact(
    case: Case,
    kind: str,
    row: tuple[str, str],
    *,
    at: datetime | None = None,
    gap: str = "",
    status: str = "fact",
) -> Moment:
    at = at or case.order.placed_at
    title, detail = row
    return Moment(
        kind=kind,
        icon=ICONS[kind],
        at=at,
        when=words.moment(at),
        gap=gap,
        title=title,
        detail=detail,
        status=status,
    )


def _order(case: Case) -> Iterator[Moment]:
    order, version = case.order, case.version
    facts = {"number": version.number, "net": money(order.net)}
    if case.in_force:
        title = _("訂單成立，寫入認列結果")
        detail = _("商品 %(net)s，依下單時適用的規則第 %(number)s 版計算。") % facts
    else:
        title = _("訂單成立，等待認列")
        detail = _("商品 %(net)s，會依下單時適用的規則第 %(number)s 版計算。") % facts
    yield _fact(case, "order", (title, detail))
    if order.paid_at and order.paid_at != order.placed_at:
        yield _fact(case, "paid", (_("付款完成"), ""), at=order.paid_at)


def _refund(case: Case, refund: Refund) -> Moment:
    title = _("退款 %(amount)s") % {"amount": money(refund.amount)}
    detail = _("依原分潤率向原認列店員沖回。")
    if refund.reversal_due_at:
        detail = _("等待沖回，會依原分潤率向原認列店員沖回。")
    return _fact(case, "refund", (title, detail), at=refund.refunded_at)


def _cooling_off(case: Case) -> Iterator[Moment]:
    """Yield the end of the time in which an online order may be sent back."""
    order = case.order
    if order.channel == Order.Channel.STORE or not order.paid_at:
        return
    days = case.version.rules.cooling_off_days
    at = order.paid_at + timedelta(days=days)
    if at <= case.now:
        row = (_("鑑賞期結束"), _("分潤可以列入結算。"))
        yield _fact(case, "cooling_off", row, at=at)
        return
    left = _("還有 %(days)s 天") % {"days": (at - case.now).days + 1}
    row = (
        _("鑑賞期結束，分潤轉為可結算"),
        _("若在此之前退貨，會依退貨金額沖回。"),
    )
    yield _fact(case, "cooling_off", row, at=at, gap=left, status="future")
