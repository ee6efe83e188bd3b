"""How figures, times and telephone numbers are written, in both languages."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from apps.core import clock

MINUS = "−"
TEN_THOUSAND = 10_000
MILLION = 1_000_000
NOTHING, MINUTE, DAY, WEEK = (timedelta(), timedelta(minutes=1), timedelta(days=1),
                              timedelta(days=7))  # fmt: skip
WEEKDAYS = (
    pgettext_lazy("weekday", "一"),
    pgettext_lazy("weekday", "二"),
    pgettext_lazy("weekday", "三"),
    pgettext_lazy("weekday", "四"),
    pgettext_lazy("weekday", "五"),
    pgettext_lazy("weekday", "六"),
    pgettext_lazy("weekday", "日"),
)


def in_chinese() -> bool:
    """Say whether the page is being written in Chinese."""
    return (get_language() or "zh-hant").startswith("zh")


def count(number: int) -> str:
    """Write a whole number with separators: 12,345."""
    return f"{number:,}" if number >= 0 else f"{MINUS}{-number:,}"


def money(amount: int) -> str:
    """Write an amount in whole New Taiwan dollars: NT$5,480."""
    return f"{MINUS if amount < 0 else ''}NT${abs(amount):,}"


def wan(amount: float) -> str:
    """Write an aggregate short: 1,284 萬, 6.4 萬; in English 12.8M, 64k."""
    sign, size = (MINUS if amount < 0 else ""), abs(amount)
    if in_chinese():
        if size < TEN_THOUSAND:
            return f"{sign}{round(size):,}"
        return f"{sign}{_trimmed(size / TEN_THOUSAND)} 萬"
    if size >= MILLION:
        return f"{sign}{_trimmed(size / MILLION)}M"
    if size >= TEN_THOUSAND:
        return f"{sign}{_trimmed(size / 1000)}k"
    return f"{sign}{round(size):,}"


def _trimmed(value: float) -> str:
    """Keep one decimal while it tells something: 6.4, 35, 1,284."""
    decimals = 1 if value < 1000 else 0
    return f"{value:,.{decimals}f}".removesuffix(".0")


def percent(basis_points: float) -> str:
    """Write a share given in basis points as a percentage: 3680 is 36.8%."""
    return f"{basis_points / 100:,.1f}%".replace("-", MINUS)


def points(difference: float) -> str:
    """Write a difference of two percentages, unsigned: 0.8 點."""
    return _("%(number)s 點") % {"number": f"{abs(difference):,.1f}"}


def masked_phone(number: str) -> str:
    """Hide the middle of a telephone number: 0912-***-678.

    Takes the national form or E.164 of Taiwan; anything else keeps only its end.
    """
    digits = "".join(sign for sign in number if sign.isdigit())
    if number.strip().startswith("+886"):
        digits = "0" + digits[3:]
    if len(digits) == 10 and digits.startswith("09"):
        return f"{digits[:4]}-***-{digits[-3:]}"
    return f"***-{digits[-3:]}" if digits else ""


def span(length: timedelta) -> str:
    """Write a length of time in its largest unit: 12 分, 3 小時, 2 天."""
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes < 60:
        return ngettext("%(n)d 分", "%(n)d 分", minutes) % {"n": minutes}
    hours = minutes // 60
    if hours < 24:
        return ngettext("%(n)d 小時", "%(n)d 小時", hours) % {"n": hours}
    days = hours // 24
    return ngettext("%(n)d 天", "%(n)d 天", days) % {"n": days}


class Moments:
    """Writes past moments as seen from one `now`, in one language.

    A page of rows makes one of it: the phrases are looked up once, not once a row.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._today = clock.day_of(now)
        self._midnight = clock.start_of(self._today)
        self._just_now = _("剛剛")
        self._just_in = _("剛剛傳來")
        self._ago = _("%(span)s前")
        self._waited = _("等 %(span)s")
        self._yesterday = _("昨天 %(time)s")
        self._spans: dict[int, str] = {}

    def waited(self, since: datetime) -> str:
        """Write how long somebody has waited: 等 12 分."""
        gap = self.now - since
        if gap < MINUTE:
            return self._just_in
        return self._waited % {"span": self._span(gap)}

    def ago(self, moment: datetime) -> str:
        """Write a past moment: 剛剛, 12 分前, 昨天 18:20; after a week its day."""
        gap = self.now - moment
        if NOTHING <= gap < MINUTE:
            return self._just_now
        if moment >= self._midnight:
            if gap < NOTHING:  # a clock that runs ahead: say the day, not a length
                return short_day(clock.day_of(moment), today=self._today)
            return self._ago % {"span": self._span(gap)}
        if moment >= self._midnight - DAY:
            at = moment.astimezone(clock.TAIPEI)
            return self._yesterday % {"time": f"{at:%H:%M}"}
        day = clock.day_of(moment)
        if self._today - day < WEEK:
            return self._ago % {"span": self._span(self._today - day)}
        return short_day(day, today=self._today)

    def _span(self, length: timedelta) -> str:
        """Write the length; rows share most lengths, so each is written once."""
        minutes = int(length.total_seconds() // 60)
        if minutes >= 60:
            minutes -= minutes % (60 if minutes < 24 * 60 else 24 * 60)
        written = self._spans.get(minutes)
        if written is None:
            written = self._spans[minutes] = span(timedelta(minutes=minutes))
        return written


def waited(since: datetime, *, now: datetime) -> str:
    """Write how long somebody has waited: 等 12 分."""
    return Moments(now).waited(since)


def ago(moment: datetime, *, now: datetime) -> str:
    """Write a past moment: 剛剛, 12 分前, 昨天 18:20; after a week its day."""
    return Moments(now).ago(moment)


def short_day(day: date, *, today: date | None = None) -> str:
    """Write a day with its weekday: 11/22(日); another year's with the year."""
    year = f"{day.year}/" if today and today.year != day.year else ""
    facts = {
        "day": f"{year}{day.month}/{day.day}",
        "weekday": str(WEEKDAYS[day.weekday()]),
    }
    return _("%(day)s(%(weekday)s)") % facts


def as_day(value: date | datetime) -> date:
    """Return the day in Taipei of a moment, or the day itself."""
    if isinstance(value, datetime):
        aware = value if timezone.is_aware(value) else timezone.make_aware(value)
        return clock.day_of(aware)
    return value
