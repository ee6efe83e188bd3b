"""A policy told in sentences, as somebody at HQ would read the rule out."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.attribution import words
from apps.attribution.rules import Policy, Rung
from apps.attribution.rules.policy import (
    BINDING,
    BOOKING,
    CART,
    CHAT,
    COUPON,
    HOUSE,
    LINK,
    POS_SELLER,
    SENT,
    WINNER,
)
from apps.core.money import WHOLE


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
        CART: _(
            "店員放進顧客購物車的品項，%(days)s 天內下單歸那位店員；只認那個品項。"
        ),
        COUPON: _("訂單用了店員親自發的優惠券，歸發券的店員；以券的效期為準。"),
        CHAT: _("店員在對話中親自回覆後 %(days)s 天內下單，歸最後回覆的店員。"),
        BOOKING: _("店員完成預約服務後 %(days)s 天內下單，歸最後服務的店員。"),
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
            _("本人購買"), _own_purchase(policy), _selves(policy) != _selves(beside)
        ),
        Sentence(
            _("離職店員"),
            _("下單時已離職，業績歸所屬門市，不分潤。")
            if policy.leaver_to_store
            else _("下單時已離職的店員跳過，由下一位符合的取得。"),
            policy.leaver_to_store != beside.leaver_to_store,
        ),
        Sentence(_("分配"), _shared(policy), policy.parts != beside.parts),
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


def _selves(policy: Policy) -> tuple[bool, bool, bool]:
    return policy.exclude_self, policy.exclude_email, policy.exclude_address


def _own_purchase(policy: Policy) -> str:
    """Say by what somebody counts as the buyer."""
    keys = (_("手機"), _("電子郵件"), _("收件地址"))
    used = [key for key, on in zip(keys, _selves(policy), strict=True) if on]
    if not used:
        return _("店員自己的訂單也可以認列給自己。")
    if len(used) == 1:
        same = {"what": used[0]}
        return _("買家與店員的%(what)s相同時，那位店員不列入。") % same
    some = {"what": _("、").join(used)}
    return _("買家與店員的%(what)s有一項相同時，那位店員不列入。") % some


def _shared(policy: Policy) -> str:
    """Say how a line is shared out."""
    if not policy.parts:
        return _("一個品項由一位取得；門市結帳可依件數分給多位店員。")
    shares = _("、").join(
        _("%(who)s %(share)s%%")
        % {
            "who": _("取得的店員") if part.to == WINNER else words.basis_label(part.to),
            "share": percent(part.share),
        }
        for part in policy.parts
    )
    text = _("每個品項：%(shares)s。") % {"shares": shares}
    rest = WHOLE - sum(part.share for part in policy.parts)
    if rest:
        text += _("其餘 %(share)s%% 不分潤。") % {"share": percent(rest)}
    return text + _("沒有另一位時，全部歸取得的店員。")


def percent(points: int) -> str:
    """Write basis points as percent without needless zeros: 33.34, 70."""
    return f"{points / 100:.2f}".rstrip("0").rstrip(".")
