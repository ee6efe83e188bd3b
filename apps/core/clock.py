"""What time it is, and which day that is where the shops are.

Times are stored in UTC; days and months are those of Asia/Taipei, and a range of
time is half-open: it holds its start and not its end.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

TAIPEI = ZoneInfo("Asia/Taipei")


def now() -> datetime:
    """Return the present moment, aware of its zone."""
    return timezone.now()


def day_of(moment: datetime) -> date:
    """Return the day in Taipei that holds the moment."""
    return moment.astimezone(TAIPEI).date()


def today() -> date:
    """Return today's date in Taipei."""
    return day_of(now())


def start_of(day: date) -> datetime:
    """Return the first moment of the day in Taipei."""
    return datetime.combine(day, time.min, tzinfo=TAIPEI)


def end_of(day: date) -> datetime:
    """Return the first moment after the day in Taipei."""
    return start_of(day + timedelta(days=1))


def month_of(moment: datetime) -> date:
    """Return the first day of the month in Taipei that holds the moment."""
    return day_of(moment).replace(day=1)


def next_month(month: date) -> date:
    """Return the first day of the month after."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def last_day_before(end: datetime | None) -> date | None:
    """Return the last day in Taipei of what ends at the moment, None for no end."""
    return None if end is None else day_of(end - timedelta(microseconds=1))
