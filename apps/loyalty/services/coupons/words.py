"""What a person reads where a coupon is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core import clock
from apps.core.errors import Refused
from apps.loyalty.models import Coupon
from apps.stores.models import Store

Facts = Mapping[str, object]

PLAIN: Mapping[str, Promise] = {
    # Of using one.
    "not_found": gettext_lazy("查無這張優惠券，核對代碼後再試"),
    "voided": gettext_lazy("這張優惠券已作廢"),
    "used": gettext_lazy("這張優惠券已經使用過"),
    "not_yours": gettext_lazy("這張優惠券屬於另一位會員"),
    "draft": gettext_lazy("這張優惠券還沒有開始發行"),
    "paused": gettext_lazy("這張優惠券目前暫停使用"),
    "ended": gettext_lazy("這檔優惠已經結束"),
    "capped": gettext_lazy("這檔優惠的使用名額已滿"),
    "not_combinable": gettext_lazy("這張優惠券不能與其他優惠券一起使用"),
    "wrong_goods": gettext_lazy("購買的商品都不適用這張優惠券"),
    # Of handing one out.
    "not_draft": gettext_lazy("優惠券已經發行，測試只能在草稿進行"),
    "not_sending_yet": gettext_lazy("還沒到發送時間"),
    "sending_over": gettext_lazy("發送時間已過"),
    "none_left": gettext_lazy("優惠券已發完"),
    "campaign_capped": gettext_lazy("這個活動可發的數量已滿"),
    "staff_capped": gettext_lazy("你這個月可發的張數已用完"),
    "pack_empty": gettext_lazy("上傳的序號已用完"),
    "member_capped": gettext_lazy("這位會員已經領過，不能重複領取"),
    "no_member": gettext_lazy("查無這位會員"),
}


def why(refusal: str, facts: Facts) -> str:
    """Return the sentence for a refusal of use or of issue."""
    if refusal in _WITH_FACTS:
        return _WITH_FACTS[refusal](facts)
    return str(PLAIN[refusal])


def refused(refusal: str, facts: Facts) -> Refused:
    """Return the error that says so."""
    return Refused(f"coupon_{refusal}", why(refusal, facts))


def _moment(value: object) -> str:
    if not isinstance(value, datetime):
        return ""
    local = value.astimezone(clock.TAIPEI)
    return f"{local.year}/{local.month}/{local.day} {local:%H:%M}"


def _not_started(facts: Facts) -> str:
    return _("%(at)s 起才能使用") % {"at": _moment(facts.get("valid_from"))}


def _expired(facts: Facts) -> str:
    return _("已於 %(at)s 到期") % {"at": _moment(facts.get("valid_until"))}


def _reserved(facts: Facts) -> str:
    until = _moment(facts.get("held_until"))
    if not until:
        return _("另一筆訂單正在使用這張優惠券")
    return _("另一筆訂單正在使用這張優惠券，保留到 %(at)s") % {"at": until}


def _below(facts: Facts) -> str:
    missing = facts["missing"]
    return _("還差 NT$%(missing)s 才達最低消費 NT$%(minimum)s") % {
        "missing": f"{missing:,}",
        "minimum": f"{facts['minimum']:,}",
    }


def _channel(facts: Facts) -> str:
    given = facts["channels"]
    wanted = set(given) if isinstance(given, list) else set()
    names = [str(label) for value, label in Coupon.Channel.choices if value in wanted]
    return _("這張優惠券只能在%(places)s使用") % {"places": "、".join(names)}


def _store(facts: Facts) -> str:
    given = facts["stores"]
    wanted = given if isinstance(given, list) else []
    names = [store.label for store in Store.objects.filter(pk__in=wanted)]
    more = len(names) - 3
    shown = "、".join(names[:3])
    if more > 0:
        return _("這張優惠券限%(stores)s等 %(count)s 家門市使用") % {
            "stores": shown,
            "count": len(names),
        }
    return _("這張優惠券限%(stores)s使用") % {"stores": shown}


_WITH_FACTS: Mapping[str, Callable[[Facts], str]] = {
    "not_started": _not_started,
    "expired": _expired,
    "reserved": _reserved,
    "below_minimum": _below,
    "wrong_channel": _channel,
    "wrong_store": _store,
}
