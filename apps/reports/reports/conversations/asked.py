"""What the reader of a report of sales asked for, read from the page's address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy

from apps.reports.reports.conversations.shapes import Scope

WEEK, FORTNIGHT, MONTH, CUSTOM = "week", "fortnight", "month", "custom"
PERIODS = [
    (WEEK, gettext_lazy("近 7 天")),
    (FORTNIGHT, gettext_lazy("近 14 天")),
    (MONTH, gettext_lazy("本月")),
    (CUSTOM, gettext_lazy("自訂")),
]
GROUPS = [
    ("person", gettext_lazy("店員")),
    ("store", gettext_lazy("門市")),
    ("day", gettext_lazy("每日")),
    ("week", gettext_lazy("每週")),
    ("month", gettext_lazy("每月")),
]
LONGEST = timedelta(days=92)  # a quarter


@dataclass(frozen=True)
class Choice:
    """Something that may be chosen, with the address that chooses it."""

    value: str
    label: str
    query: str
    is_chosen: bool


@dataclass(frozen=True)
class Asked:
    """The days, whose figures, and by what they are told apart."""

    period: str
    scope: Scope
    group: str
    store: int | None = None

    @property
    def facts(self) -> dict[str, str]:
        """Return what leads back to the same view."""
        facts = {"period": self.period, "group": self.group}
        if self.period == CUSTOM:
            facts |= {
                "since": self.scope.first.isoformat(),
                "until": self.scope.last.isoformat(),
            }
        if self.store is not None:
            facts["store"] = str(self.store)
        if self.scope.person is not None:
            facts["person"] = str(self.scope.person)
        return facts

    @property
    def query(self) -> str:
        """Return the address's query that leads back to the same view."""
        return urlencode(self.facts)

    @property
    def file_name(self) -> str:
        """Return how a file of these figures is called, without its ending."""
        days = f"{self.scope.first:%Y%m%d}-{self.scope.last:%Y%m%d}"
        return f"conversations-{self.group}-{days}"

    @property
    def periods(self) -> list[Choice]:
        """Return the stretches of days that may be chosen."""
        days = {
            "since": self.scope.first.isoformat(),
            "until": self.scope.last.isoformat(),
        }
        return [
            self._choice("period", value, str(label), days if value == CUSTOM else {})
            for value, label in PERIODS
        ]

    @property
    def groups(self) -> list[Choice]:
        """Return by what the rows may be told apart."""
        return [self._choice("group", value, str(label), {}) for value, label in GROUPS]

    def _choice(
        self, name: str, value: str, label: str, more: dict[str, str]
    ) -> Choice:
        facts = {**self.facts, name: value}
        if name == "period":
            facts = {k: v for k, v in facts.items() if k not in {"since", "until"}}
        return Choice(
            value, label, urlencode({**facts, **more}), self.facts[name] == value
        )

    def orders_query(self, **changes: object) -> str:
        """Return the query of the orders behind a figure of these days."""
        facts = self.facts | {
            "period": CUSTOM,
            "since": self.scope.first.isoformat(),
            "until": self.scope.last.isoformat(),
        }
        facts |= {name: str(value) for name, value in changes.items()}
        return urlencode(facts)


def asked_of(
    query: Mapping[str, str],
    *,
    today: date,
    stores: Sequence[int] | None = None,
    person: int | None = None,
) -> Asked:
    """Read the query; what makes no sense falls back on 14 days by person.

    `stores` are those that the reader may see (None: all), `person` the only one whose
    figures they may see.
    """
    period, first, last = _days(query, today=today)
    store = _number(query.get("store", ""))
    if store is not None and stores is not None and store not in stores:
        store = None
    seen = stores if store is None else [store]
    whose = _number(query.get("person", "")) if person is None else person
    group = query.get("group", "")
    return Asked(
        period=period,
        scope=Scope(first, last, seen, whose),
        group=group if group in dict(GROUPS) else "person",
        store=store,
    )


def within(asked: Asked, first: date, last: date) -> Asked:
    """Return the same question about fewer days."""
    days = replace(
        asked.scope,
        first=max(first, asked.scope.first),
        last=min(last, asked.scope.last),
    )
    return replace(asked, scope=days, period=CUSTOM)


def _days(query: Mapping[str, str], *, today: date) -> tuple[str, date, date]:
    period = query.get("period", FORTNIGHT)
    starts = {
        WEEK: today - timedelta(days=6),
        FORTNIGHT: today - timedelta(days=13),
        MONTH: today.replace(day=1),
    }
    if period in starts:
        return period, starts[period], today
    since, until = _day(query.get("since", "")), _day(query.get("until", ""))
    if period != CUSTOM or (since is None and until is None):
        return FORTNIGHT, starts[FORTNIGHT], today
    first, last = sorted((since or until or today, until or today))
    last = min(last, today)
    first = min(first, last)
    return CUSTOM, max(first, last - LONGEST + timedelta(days=1)), last


def _day(text: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text)
    return None


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None
