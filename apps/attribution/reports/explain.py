"""Explain who earned an order, from the stored decisions."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from apps.attribution import words
from apps.attribution.models import Credit, Decision
from apps.attribution.reports.case import Case, load, with_store
from apps.attribution.reports.shapes import (
    Change,
    Explanation,
    LineResult,
    Step,
    Verdict,
)
from apps.attribution.reports.telling import percent
from apps.attribution.reports.timeline import timeline
from apps.attribution.rules import HOLDS, Candidate, Rung, Status
from apps.attribution.rules.policy import (
    BINDING,
    BOOKING,
    CART,
    CHAT,
    COUPON,
    HOUSE,
    LINK,
    POS_SELLER,
)
from apps.orders.models import Order
from apps.staff.models import Staff
from apps.ui.words import in_chinese, span


def explain(order: Order, *, viewer: Staff, now: datetime) -> Explanation:
    """Return who earned the order and why; the number of queries is fixed.

    The door fetches the order through `querysets.explainable_to`. Whoever does not
    serve the buyer sees neither the name nor what was looked at.
    """
    case = load(order, viewer=viewer, now=now)
    verdict = _verdict(case) if case.in_force else None
    return Explanation(
        order=order,
        title=_title(verdict),
        buyer=case.buyer,
        is_pending=verdict is None or order.credit_due_at is not None,
        verdict=verdict,
        timeline=timeline(case),
        lines=_lines(case),
        history=_history(case),
        policy_version=case.version.number,
        policy_from=case.version.effective_from,
        is_self_purchase=any(each.is_self_purchase for each in case.in_force),
    )


def _title(verdict: Verdict | None) -> str:
    if verdict is None:
        return _("這筆訂單還在計算認列")
    if verdict.person:
        return _("這筆訂單為什麼認列給%(who)s") % {"who": verdict.person.label}
    if verdict.basis == HOUSE:
        return _("這筆訂單為什麼沒有認列給店員")
    return _("這筆訂單為什麼認列給門市")


def _verdict(case: Case) -> Verdict:
    """Return the verdict on whoever earned the largest part of the order."""
    sums: dict[tuple[str, int | None, int | None], int] = defaultdict(int)
    first: dict[tuple[str, int | None, int | None], Decision] = {}
    for decision in case.in_force:
        own = _main(case, decision)
        key = (decision.basis, own.staff_id, own.store_id)
        sums[key] += own.amount
        first.setdefault(key, decision)
    key = max(sums, key=lambda each: sums[each])
    decision = first[key]
    winner = case.winner(decision)
    if winner.status is Status.RULED:
        parts = _by_ruling(case, decision)
    else:
        last = _conclusion(case, decision, is_whole=len(sums) == 1)
        parts = (*_sentence(case, winner), *last)
    return Verdict(
        parts=parts,
        person=_main(case, decision).staff,
        store=case.stores.get(winner.store_id or 0),
        basis=winner.basis,
        basis_label=words.basis_label(winner.basis),
        amount=sums[key],
    )


def _main(case: Case, decision: Decision) -> Credit:
    """Return the credit of who took the line; ruled by a person, the largest."""
    winner = case.winner(decision)
    by_size = sorted(decision.credits.all(), key=lambda each: (-each.share, each.pk))
    if winner.status is Status.RULED:
        return by_size[0]
    person = winner.staff_id if winner.status is Status.WON else None
    return next((own for own in by_size if own.staff_id == person), by_size[0])


def _sentence(case: Case, winner: Candidate) -> tuple[words.Part, ...]:
    """Say what the customer and the salesperson did."""
    sentences = {
        POS_SELLER: _("顧客在 {placed} 結帳，{act}是{person}{store}。"),
        CART: _("顧客在 {placed} 下單，這個品項是{person}{store}{gap}前{act}的。"),
        COUPON: _("顧客在 {placed} 下單，用了{person}{store}{gap}前發的{act}。"),
        LINK: _("顧客在 {placed} 下單，{gap}前點擊了{person}{store}的{act}。"),
        CHAT: _("顧客在 {placed} 下單，{person}{store}{gap}前{act}。"),
        BOOKING: _("顧客在 {placed} 下單，{person}{store}{gap}前完成了{act}。"),
        BINDING: _("顧客在 {placed} 下單時，{act}{person}{store}已經 {gap}。"),
        HOUSE: _("顧客在 {placed} 下單，之前沒有有效的店員紀錄，屬於{act}，不分潤。"),
    }
    acts = {
        POS_SELLER: _("登錄的銷售店員"),
        CART: _("放進購物車"),
        COUPON: pgettext("in a sentence", "優惠券"),
        LINK: pgettext("in a sentence", "推廣連結"),
        CHAT: _("在對話中回覆"),
        BOOKING: pgettext("in a sentence", "預約服務"),
        BINDING: pgettext("in a sentence", "綁定"),
        HOUSE: pgettext("in a sentence", "總部或自主下單"),
    }
    placed_at = case.order.placed_at
    person = case.staff.get(winner.staff_id or 0)
    store = case.stores.get(winner.store_id or 0)
    return words.compose(
        sentences[winner.basis],
        strong={
            "act": acts[winner.basis],
            "person": person.label if person else "",
        },
        plain={
            "placed": words.moment(placed_at),
            "gap": span(placed_at - winner.at) if winner.at else "",
            "store": _("（%(store)s）") % {"store": store.label} if store else "",
        },
    )


def _by_ruling(case: Case, decision: Decision) -> tuple[words.Part, ...]:
    """Say that a person ruled, and who holds the line since."""
    people = _held_by(decision)
    return words.compose(
        _("顧客在 {placed} 下單；經{act}，認列給{people}。"),
        strong={"act": _("爭議裁定"), "people": people},
        plain={"placed": words.moment(case.order.placed_at)},
    )


def _held_by(decision: Decision) -> str:
    """Name everybody who holds a part with the part: 林怡君 70%、總部或門市 30%."""
    return _("、").join(
        _("%(who)s %(share)s%%")
        % {
            "who": own.staff.label if own.staff else _("總部或門市"),
            "share": percent(own.share),
        }
        for own in sorted(decision.credits.all(), key=lambda each: -each.share)
    )


def _conclusion(
    case: Case, decision: Decision, *, is_whole: bool
) -> tuple[words.Part, ...]:
    """Say what follows from it under the policy."""
    winner = case.winner(decision)
    if winner.basis == HOUSE:
        return ()
    if winner.status is Status.INACTIVE:
        message = _("{basis}是第 {rank} 順位，但下單時這位店員已離職，業績歸{store}。")
    elif len(decision.credits.all()) > 1:
        message = _("{basis}是第 {rank} 順位，這個品項依規則分配：{shares}。")
    elif is_whole:
        message = _("{basis}是第 {rank} 順位，所以整筆認列給{person}。")
    else:
        message = _(
            "{basis}是第 {rank} 順位，所以主要部分認列給{person}，其餘見各品項。"
        )
    person = case.staff.get(winner.staff_id or 0)
    store = case.stores.get(winner.store_id or 0)
    gap = () if in_chinese() else (words.Part(" "),)
    return gap + words.compose(
        message,
        strong={},
        plain={
            "basis": words.basis_label(winner.basis),
            "rank": winner.rank,
            "person": person.label if person else "",
            "store": store.label if store else _("總部"),
            "shares": _held_by(decision),
        },
    )


def _lines(case: Case) -> tuple[LineResult, ...]:
    refunded: dict[int, int] = defaultdict(int)
    for refund in case.refunds:
        for part in refund.lines.all():
            refunded[part.line_id] += part.amount
    return tuple(
        _line(case, decision, refunded[decision.line_id]) for decision in case.in_force
    )


def _line(case: Case, decision: Decision, refunded: int) -> LineResult:
    winner = case.winner(decision)
    owners = sorted(decision.credits.all(), key=lambda each: (-each.share, each.pk))
    own = owners[0]
    store = case.stores.get(winner.store_id or 0)
    who = with_store(own.staff, store)
    if len(owners) > 1:
        who = _held_by(decision)
    rung = case.version.rules.rungs[winner.rank - 1]
    return LineResult(
        line=decision.line,
        amount=sum(each.amount for each in owners),
        refunded=refunded,
        person=own.staff,
        store=store,
        who=who,
        basis=decision.basis,
        basis_label=words.basis_label(decision.basis),
        reason=words.reason(winner, rung, winner),
        ladder=_ladder(case, decision),
    )


def _ladder(case: Case, decision: Decision) -> tuple[Step, ...]:
    candidates = case.candidates[decision.pk]
    return tuple(
        _step(case, rank, rung, [c for c in candidates if c.rank == rank])
        for rank, rung in enumerate(case.version.rules.rungs, start=1)
    )


def _step(case: Case, rank: int, rung: Rung, own: list[Candidate]) -> Step:
    """Return the rung with its strongest candidate; candidates come strongest first."""
    title, note = words.basis_label(rung.basis), words.rung_note(rung)
    if not own:
        return Step(rank, title, note, who="", fate=words.fate(Status.NO_RECORD))
    best = own[0]
    person = case.staff.get(best.staff_id or 0)
    who = person.label if person else ""
    if len(own) > 1:
        others = ngettext("%(who)s 等 %(n)d 位", "%(who)s 等 %(n)d 位", len(own))
        who = others % {"who": who, "n": len(own)}
    return Step(rank, title, note, who, words.fate(best.status), best.status in HOLDS)


def _history(case: Case) -> tuple[Change, ...]:
    """Return every decision ever made on the order, the oldest first."""
    system = _("系統")
    changes = []
    for at in sorted({each.decided_at for each in case.decisions}):
        made = [each for each in case.decisions if each.decided_at == at]
        sums: dict[str, int] = defaultdict(int)
        for decision in made:
            for own in decision.credits.all():
                sums[own.staff.label if own.staff else _("總部或門市")] += own.amount
        total = sum(sums.values()) or 1
        shares = _("、").join(
            _("%(who)s %(share)s%%") % {"who": who, "share": round(100 * part / total)}
            for who, part in sums.items()
        )
        is_first = at == case.decisions[0].decided_at
        text = _("寫入認列，%(shares)s") if is_first else _("重新認列，%(shares)s")
        changes.append(Change(at, system, text % {"shares": shares}))
    return tuple(changes)
