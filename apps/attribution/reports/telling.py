"""A policy told in sentences, as somebody at HQ would read the rule out."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.attribution import words
from apps.attribution.rules import Policy, Rung
from apps.attribution.rules.policy import (
    BINDING,
    CHAT,
    HOUSE,
    LINK,
    POS_SELLER,
    SENT,
)


@dataclass(frozen=True)
class Sentence:
    """A rung or a clause; `is_new` where the other policy says it otherwise."""

    title: str
    text: str
    is_new: bool = False


@dataclass(frozen=True)
class Told:
    """The ladder from the strongest class down, and what holds on every rung."""

    rungs: tuple[Sentence, ...]
    clauses: tuple[Sentence, ...]
    dropped: tuple[str, ...] = ()  # classes of the other policy that are gone

    @property
    def is_new(self) -> bool:
        """Tell whether anything is said otherwise than by the other policy."""
        said = (*self.rungs, *self.clauses)
        return bool(self.dropped) or any(each.is_new for each in said)


def tell(policy: Policy, *, beside: Policy | None = None) -> Told:
    """Return the policy in words; what differs from `beside` is marked."""
    known = {r.basis: (beside.rank(r.basis), r) for r in beside.rungs} if beside else {}
    rungs = tuple(
        Sentence(
            words.basis_label(rung.basis),
            _rung(rung),
            beside is not None and known.get(rung.basis) != (rank, rung),
        )
        for rank, rung in enumerate(policy.rungs, start=1)
    )
    dropped = tuple(
        words.basis_label(basis) for basis in known if policy.rank(basis) is None
    )
    return Told(rungs, _clauses(policy, beside or policy), dropped)


def _rung(rung: Rung) -> str:
    days = {"days": rung.days}
    if rung.basis == LINK:
        if rung.start == SENT:
            text = _("店員傳送推廣連結後 %(days)s 天內下單，歸最後一次傳送的店員。")
        else:
            text = _("顧客點擊推廣連結後 %(days)s 天內下單，歸最後一次點擊的連結。")
        if rung.product_first:
            text += _("買的正是連結裡的商品時，那條連結優先。")
        return text % days
    sentences = {
        POS_SELLER: _("門市的訂單，歸結帳時登錄的店員。"),
        CHAT: _("店員在對話中親自回覆後 %(days)s 天內下單，歸最後回覆的店員。"),
        BINDING: _("下單當時綁定仍有效，歸綁定的店員。"),
        HOUSE: _("以上都沒有時，歸門市或總部，不分潤。"),
    }
    return sentences[rung.basis] % days


def _clauses(policy: Policy, beside: Policy) -> tuple[Sentence, ...]:
    return (
        Sentence(
            _("同一順位"),
            _("以最後一次為準；同一秒以先寫入的為準。下單之後的紀錄不算。"),
        ),
        Sentence(
            _("本人購買"),
            _("買家與店員的手機相同時，那位店員不列入。")
            if policy.exclude_self
            else _("店員自己的訂單也可以認列給自己。"),
            policy.exclude_self != beside.exclude_self,
        ),
        Sentence(
            _("離職店員"),
            _("下單時已離職，業績歸所屬門市，不分潤。"),
        ),
        Sentence(
            _("認列金額"),
            _("每個品項折扣後的金額，不含運費；退款時依原認列沖回。"),
        ),
        Sentence(
            _("鑑賞期"),
            _("線上訂單付款後 %(days)s 天內的退貨會沖回，過後分潤才能結算。")
            % {"days": policy.cooling_off_days},
            policy.cooling_off_days != beside.cooling_off_days,
        ),
    )
