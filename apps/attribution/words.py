"""How classes, reasons and moments of credit are put into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from string import Formatter

from django.utils.translation import gettext as _
from django.utils.translation import npgettext

from apps.attribution import rules
from apps.attribution.models import Basis
from apps.attribution.rules import Candidate, Rung, Status
from apps.core import clock
from apps.ui import words


@dataclass(frozen=True)
class Part:
    """A piece of a sentence; the page sets the strong ones apart."""

    text: str
    is_strong: bool = False


def compose(
    message: str, *, strong: Mapping[str, str], plain: Mapping[str, object]
) -> tuple[Part, ...]:
    """Fill a translated sentence's {places}, keeping the strong ones apart."""
    parts: list[Part] = []
    for literal, name, _spec, _conversion in Formatter().parse(message):
        if literal:
            parts.append(Part(literal))
        if name is not None and name in strong:
            parts.append(Part(strong[name], is_strong=True))
        elif name is not None:
            parts.append(Part(str(plain[name])))
    return tuple(parts)


def basis_label(basis: str) -> str:
    """Return the class's name."""
    return str(Basis(basis).label)


def rung_note(rung: Rung) -> str:
    """Say in a few words when the class counts."""
    notes = {
        rules.policy.POS_SELLER: _("門市結帳時登錄的店員"),
        rules.policy.CART: _("%(days)s 天內把這個品項放進購物車"),
        rules.policy.COUPON: _("這筆用了店員發的優惠券"),
        rules.policy.LINK: _("%(days)s 天內最後一次點擊"),
        rules.policy.CHAT: _("%(days)s 天內最後一次真人回覆"),
        rules.policy.BOOKING: _("%(days)s 天內最後一次預約服務"),
        rules.policy.BINDING: _("下單時綁定有效"),
        rules.policy.HOUSE: _("不分潤"),
    }
    note = notes[rung.basis]
    if rung.basis == rules.policy.LINK and rung.start == rules.policy.SENT:
        note = _("傳送連結後 %(days)s 天內")
    return note % {"days": rung.days} if rung.days else note


def fate(status: Status) -> str:
    """Say in a word what became of a candidate."""
    fates = {
        Status.WON: _("採用"),
        Status.SHARED: _("採用，分得一部分"),
        Status.RULED: _("依裁定採用"),
        Status.OVERRULED: _("依裁定改列"),
        Status.INACTIVE: _("已離職，歸門市"),
        Status.OUTRANKED: _("被順位更高的取代"),
        Status.LATER_WON: _("被較晚的取代"),
        Status.PRODUCT_WON: _("被同商品的連結取代"),
        Status.EXPIRED: _("已過期"),
        Status.ENDED: _("綁定已結束"),
        Status.AFTER_ORDER: _("在下單之後"),
        Status.OTHER_GOODS: _("放的是別的商品"),
        Status.EXCLUDED_SELF: _("本人購買，不列入"),
        Status.SAME_EMAIL: _("電子郵件相同，不列入"),
        Status.SAME_ADDRESS: _("收件地址相同，不列入"),
        Status.LEFT: _("已離職，不列入"),
        Status.UNUSED: _("未用到"),
        Status.NO_RECORD: _("沒有紀錄"),
    }
    return fates[status]


def ranked(candidate: Candidate) -> str:
    """Say on which rung a candidate stands and what became of it."""
    facts = {"rank": candidate.rank, "fate": fate(candidate.status)}
    return _("第 %(rank)s 順位，%(fate)s") % facts


def reason(candidate: Candidate, rung: Rung, winner: Candidate) -> str:
    """Say in a sentence why the candidate won or lost."""
    facts = {
        "days": rung.days,
        "rank": candidate.rank,
        "winner": basis_label(winner.basis),
        "winner_rank": winner.rank,
    }
    sentences = {
        Status.WON: _("是有效紀錄中順位最高的，所以採用。"),
        Status.SHARED: _("也符合，依規則分得一部分。"),
        Status.RULED: _("經裁定或更正，認列給這位店員。"),
        Status.OVERRULED: _("原本採用，經裁定或更正改列。"),
        Status.INACTIVE: _("順位最高，但下單時這位店員已離職，業績歸門市，不分潤。"),
        Status.OUTRANKED: _(
            "也有效，但%(winner)s是第 %(winner_rank)s 順位，順位更高。"
        ),
        Status.LATER_WON: _("也有效，但同一順位以最後一次為準，之後有更晚的紀錄。"),
        Status.PRODUCT_WON: _("也有效，但這件商品另有專屬的推廣連結，先採用。"),
        Status.EXPIRED: _("%(days)s 天內有效，下單時已經過期。"),
        Status.ENDED: _("下單時綁定已經結束。"),
        Status.AFTER_ORDER: _("在訂單成立之後，不能認列這筆。"),
        Status.OTHER_GOODS: _("店員放進購物車的是別的商品，這個品項不列入。"),
        Status.EXCLUDED_SELF: _("買家與店員的手機相同，本人購買不列入認列。"),
        Status.SAME_EMAIL: _("買家與店員的電子郵件相同，視為本人購買，不列入認列。"),
        Status.SAME_ADDRESS: _("訂單寄到店員的住址，視為本人購買，不列入認列。"),
        Status.LEFT: _("下單時這位店員已離職，由下一位符合的取得。"),
        Status.UNUSED: _("有店員符合認列，沒有用到。"),
        Status.NO_RECORD: _("沒有紀錄。"),
    }
    if candidate.basis == rules.policy.HOUSE and candidate.status is Status.WON:
        return _("下單前沒有任何有效的店員紀錄，所以不分潤。")
    return sentences[candidate.status] % facts


def winning_act(candidate: Candidate, placed_at: datetime) -> str:
    """Say briefly what earned the line, for a list of credits."""
    if candidate.status is Status.RULED:
        return _("依裁定或更正認列")
    acts = {
        rules.policy.POS_SELLER: _("門市結帳時登錄為銷售店員"),
        rules.policy.CART: _("下單前 %(gap)s把品項放進顧客的購物車"),
        rules.policy.COUPON: _("顧客用了 %(gap)s前發給她的優惠券"),
        rules.policy.LINK: _("下單前 %(gap)s點擊推廣連結"),
        rules.policy.CHAT: _("下單前 %(gap)s在對話中回覆"),
        rules.policy.BOOKING: _("下單前 %(gap)s完成預約服務"),
        rules.policy.BINDING: _("綁定 %(gap)s，下單時仍有效"),
        rules.policy.HOUSE: _("沒有店員紀錄"),
    }
    gap = words.span(placed_at - candidate.at) if candidate.at else ""
    return acts[candidate.basis] % {"gap": gap}


def before(moment: datetime, placed_at: datetime) -> str:
    """Say how long before the order something was: 結帳前 31 分, 4 天前."""
    gap = placed_at - moment
    if gap < timedelta(0):
        return _("下單後 %(gap)s") % {"gap": words.span(-gap)}
    if gap < timedelta(days=1):
        return _("下單前 %(gap)s") % {"gap": words.span(gap)}
    days = (clock.day_of(placed_at) - clock.day_of(moment)).days
    ago = npgettext("before an order", "%(days)s 天前", "%(days)s 天前", days)
    return ago % {"days": days}


def moment(at: datetime) -> str:
    """Write a moment as the screens do: 11/20 21:12."""
    local = at.astimezone(clock.TAIPEI)
    return f"{local.month}/{local.day} {local:%H:%M}"
