"""A plan told in sentences, as it reads, and an example worked out step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from apps.catalog.models import Category
from apps.commissions import rules
from apps.commissions.models import Plan, PlanTerms
from apps.commissions.reports.arithmetic import Row, rate_label
from apps.stores.models import Store
from apps.ui.words import count, money


@dataclass(frozen=True)
class Clause:
    """One thing a plan says; `is_new` where the other plan says it otherwise."""

    title: str
    text: str
    is_new: bool = False


@dataclass(frozen=True)
class Example:
    """A month worked out; amounts in NT$."""

    rows: tuple[Row, ...]
    total: int


def whose(plan: PlanTerms) -> str:
    """Say whom a plan is for."""
    if plan.staff:
        return plan.staff.label
    if plan.store:
        return _("%(store)s的店員") % {"store": plan.store.label}
    if plan.role:
        return _("所有%(role)s") % {"role": plan.get_role_display()}
    return _("所有人")


def clauses(terms: rules.Terms, *, beside: rules.Terms | None = None) -> list[Clause]:
    """Return the terms in sentences; what differs from `beside` is marked."""
    names = _Names.of(terms, beside)
    before = dict(_sentences(beside, names)) if beside else {}
    return [
        Clause(title, text, bool(beside) and before.get(title) != text)
        for title, text in _sentences(terms, names)
    ]


def in_brief(terms: rules.Terms) -> str:
    """Say the terms in a line of a list."""
    said = [
        _("線上 %(rate)s") % {"rate": _rate(terms.online)},
        _("門市 %(rate)s") % {"rate": _rate(terms.store)},
    ]
    if terms.threshold:
        said.append(_("門檻 %(amount)s") % {"amount": money(terms.threshold)})
    if terms.tiers:
        said.append(_("%(n)d 級加給") % {"n": len(terms.tiers)})
    if terms.specials:
        said.append(_("%(n)d 項例外") % {"n": len(terms.specials)})
    return _("，").join(said)


def example(terms: rules.Terms, *, online: int, in_store: int, pieces: int) -> Example:
    """Work a month out: sales (NT$) without exceptions, and pieces where they pay."""
    base = terms.online.earned(online, pieces)
    till = terms.store.earned(in_store, pieces)
    sales = online + in_store
    rows = [
        Row(_("線上導購 × %(rate)s") % {"rate": _rate(terms.online)}, count(base)),
        Row(_("門市銷售 × %(rate)s") % {"rate": _rate(terms.store)}, count(till)),
    ]
    kept_back = rules.withheld(terms, sales, base + till)
    if kept_back:
        facts = {"threshold": money(terms.threshold)}
        rows.append(Row(_("未達門檻 %(threshold)s，不發") % facts, count(kept_back)))
    for step in rules.steps(terms, sales):
        facts = {
            "above": money(step.above),
            "part": count(step.part),
            "extra": rate_label(step.extra, 0),
        }
        label = _("超過 %(above)s 的 %(part)s × %(extra)s") % facts
        rows.append(Row(label, count(step.amount)))
    total = base + till + kept_back + rules.top_up(terms, sales)
    rows.append(Row(_("當月分潤"), money(total), "total"))
    return Example(tuple(rows), total)


def versions(plan: Plan) -> Sequence[Plan]:
    """Return every version for the same people, the newest first."""
    own = Plan.objects.of_scope(plan.scope).select_related("published_by")
    return list(own)


def in_force(today: date) -> list[Plan]:
    """Return the plans of the day and those to come: everybody's first."""
    rows = Plan.objects.exclude(ends_on__lte=today).select_related(
        "staff", "store", "published_by"
    )
    return sorted(rows, key=lambda plan: (-plan.scope.rank, plan.starts_on, plan.pk))


@dataclass(frozen=True)
class _Names:
    """What the categories and stores of exceptions are called."""

    categories: Mapping[int, str]
    stores: Mapping[int, str]

    @classmethod
    def of(cls, *several: rules.Terms | None) -> _Names:
        """Load the names (at most two queries)."""
        named = [each for terms in several if terms for each in terms.specials]
        categories = {each.category_id for each in named if each.category_id}
        stores = {each.store_id for each in named if each.store_id}
        return cls(
            {row.pk: row.label for row in Category.objects.filter(pk__in=categories)},
            {row.pk: row.label for row in Store.objects.filter(pk__in=stores)},
        )

    def special(self, each: rules.Special) -> str:
        """Say an exception."""
        where = [
            self.stores.get(each.store_id or 0, ""),
            self.categories.get(each.category_id or 0, ""),
        ]
        facts = {"what": " ".join(filter(None, where)), "rate": _rate(each.rate)}
        return _("%(what)s：%(rate)s") % facts


def _rate(rate: rules.Rate) -> str:
    return rate_label(rate.points, rate.each)


def _sentences(terms: rules.Terms, names: _Names) -> list[tuple[str, str]]:
    month = money(terms.threshold)
    tiers = [
        _("超過 %(above)s 的部分，再加 %(extra)s")
        % {"above": money(tier.above), "extra": rate_label(tier.extra, 0)}
        for tier in terms.tiers
    ]
    bonus = _("每位綁定後註冊的新會員 %(amount)s，一位會員只發一次")
    pickup = _("備貨 %(received)s，交貨 %(handed)s")
    fees = {"received": money(terms.received), "handed": money(terms.handed)}
    return [
        (_("線上導購"), _pays(terms.online)),
        (_("門市銷售"), _pays(terms.store)),
        (
            _("門檻"),
            _("當月業績滿 %(month)s 才發，未達不發") % {"month": month}
            if terms.threshold
            else _("沒有門檻，第一元起就計"),
        ),
        (_("級距"), _("；").join(tiers) or _("沒有級距")),
        (_("例外"), _("；").join(map(names.special, terms.specials)) or _("沒有例外")),
        (
            _("招募獎金"),
            bonus % {"amount": money(terms.recruit)} if terms.recruit else _("沒有"),
        ),
        (
            _("取貨處理"),
            pickup % fees if terms.received or terms.handed else _("沒有"),
        ),
    ]


def _pays(rate: rules.Rate) -> str:
    if rate.each:
        return _("%(rate)s，不論售價") % {"rate": _rate(rate)}
    if not rate.points:
        return _("不計分潤")
    return _("認列業績的 %(rate)s") % {"rate": _rate(rate)}
