"""Signals in words: whom they are about, why they are shown, each fact in a line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from apps.attribution.models import PromoLink
from apps.core import clock
from apps.members.models import Binding, Member
from apps.orders.models import Order
from apps.reports.models import SignalReview
from apps.reports.reports.signals.find import find
from apps.reports.reports.signals.shapes import (
    Evidence,
    Found,
    Kind,
    Signal,
    thresholds,
)
from apps.staff.models import Staff
from apps.ui.words import count, money

Fact = Mapping[str, Any]


@dataclass(frozen=True)
class Names:
    """Everybody and everything that the signals name, read once."""

    staff: Mapping[int, Staff]
    members: Mapping[int, Member]
    orders: Mapping[int, Order]
    links: Mapping[int, PromoLink]

    def person(self, pk: object) -> str:
        """Return what a salesperson is called."""
        return self.staff[int(str(pk))].label

    def member(self, pk: object) -> str:
        """Return what a member is called."""
        return self.members[int(str(pk))].label


def signals(*, now: datetime) -> list[Signal]:
    """Return the signals of the last days, those that nobody has seen first."""
    found = find(now=now)
    names = _names(found)
    reviews = {(each.kind, each.subject): each for each in _reviews(found)}
    told = [_told(each, names, reviews.get(each.key)) for each in found]
    return sorted(told, key=lambda each: not each.is_open)


def _reviews(found: Sequence[Found]) -> Iterable[SignalReview]:
    subjects = [each.subject for each in found]
    return SignalReview.objects.filter(subject__in=subjects).select_related("by")


def _names(found: Sequence[Found]) -> Names:
    facts = [fact for each in found for fact in each.facts]
    people = _keys(facts, "from", "to")
    people |= _subjects(found, Kind.SELF_ORDERS, Kind.TAKEN_OVER)
    members = _keys(facts, "member") | _subjects(found, Kind.REBOUND)
    links = PromoLink.objects.select_related(
        "staff", "member", "product", "category", "place"
    ).in_bulk(_subjects(found, Kind.VISITOR_CLICKS, Kind.LINK_CLICKS))
    return Names(
        staff=Staff.objects.in_bulk(people),
        members=Member.objects.in_bulk(members),
        orders=Order.objects.select_related("member").in_bulk(_keys(facts, "order")),
        links=links,
    )


def _keys(facts: Iterable[Fact], *names: str) -> set[int]:
    return {fact[name] for fact in facts for name in names if fact.get(name)}


def _subjects(found: Iterable[Found], *kinds: str) -> set[int]:
    return {each.subject for each in found if each.kind in kinds}


def _told(found: Found, names: Names, review: SignalReview | None) -> Signal:
    limit = thresholds()[found.kind]
    facts = {"n": count(found.weight), "days": limit.days, "least": limit.least}
    whys = {
        Kind.SELF_ORDERS: _(
            "近 %(days)s 天有 %(n)s 筆訂單的買家就是店員本人（%(least)s 筆以上列出）。"
            "這些訂單沒有認列給本人。"
        ),
        Kind.VISITOR_CLICKS: _(
            "同一位訪客在一小時內點同一個連結 %(least)s 次以上，共 %(n)s 次。"
        ),
        Kind.LINK_CLICKS: _("這個連結在一小時內被點 %(least)s 次以上，共 %(n)s 次。"),
        Kind.REBOUND: _(
            "近 %(days)s 天自己掃碼換店員 %(n)s 次（%(least)s 次以上列出）。"
        ),
        Kind.TAKEN_OVER: _(
            "近 %(days)s 天有 %(n)s 位別人的顧客掃碼改綁過來（%(least)s 位以上列出）。"
        ),
    }
    kind = Kind(found.kind)
    return Signal(
        found=found,
        label=str(kind.label),
        subject=_subject(found, names),
        why=whys[kind] % facts,
        evidence=tuple(TELL[kind](fact, names) for fact in found.facts),
        review=review,
    )


def _subject(found: Found, names: Names) -> str:
    if found.kind in {Kind.SELF_ORDERS, Kind.TAKEN_OVER}:
        return names.person(found.subject)
    if found.kind == Kind.REBOUND:
        return names.member(found.subject)
    link = names.links[found.subject]
    return _("%(who)s的連結：%(what)s") % {"who": link.staff.label, "what": link.label}


def _self_order(fact: Fact, names: Names) -> Evidence:
    order = names.orders[fact["order"]]
    whys = {
        "excluded_self": _("手機相同"),
        "same_email": _("電子郵件相同"),
        "same_address": _("收件地址相同"),
    }
    return Evidence(
        fact["at"],
        f"{order.external_id}　{money(order.net)}",
        whys[fact["why"]],
        order.pk,
    )


def _clicks(fact: Fact, _names: Names) -> Evidence:
    what = _("%(n)s 次點擊") % {"n": count(fact["clicks"])}
    until = fact["until"].astimezone(clock.TAIPEI)
    detail = _("到 %(until)s 為止，%(visitors)s 位訪客") % {
        "until": f"{until:%H:%M:%S}",
        "visitors": count(fact["visitors"]),
    }
    return Evidence(fact["at"], what, detail)


def _rebound(fact: Fact, names: Names) -> Evidence:
    moved = f"{names.person(fact['from'])} → {names.person(fact['to'])}"
    return Evidence(fact["at"], moved, str(Binding.Source(fact["source"]).label))


def _taken_over(fact: Fact, names: Names) -> Evidence:
    what = _("%(member)s，原本綁定%(who)s") % {
        "member": names.member(fact["member"]),
        "who": names.person(fact["from"]),
    }
    return Evidence(fact["at"], what, str(Binding.Source(fact["source"]).label))


TELL: Mapping[Kind, Callable[[Fact, Names], Evidence]] = {
    Kind.SELF_ORDERS: _self_order,
    Kind.VISITOR_CLICKS: _clicks,
    Kind.LINK_CLICKS: _clicks,
    Kind.REBOUND: _rebound,
    Kind.TAKEN_OVER: _taken_over,
}
