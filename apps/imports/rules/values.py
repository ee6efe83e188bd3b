"""Read what people and spreadsheets write in cells.

Every reader takes the cell's text and returns the value, or raises `Unreadable` with
a code that `services.wording` puts into a sentence. Spreadsheets lose leading zeros,
write whole numbers with ".0" and days as serial numbers; people write full-width
digits, thousands separators and years of the Republic (民國).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

TAIPEI = ZoneInfo("Asia/Taipei")
REPUBLIC = 1911  # the year before its first
# Prices, days and SKUs come again and again in a file.
REMEMBERED = 8_192
FIRST, LAST = 1900, 2100
# Day 0 of a spreadsheet's calendar, as far as its days after February 1900 go.
SHEET_EPOCH = date(1899, 12, 30)
SHEET_DAYS = range(10_000, 80_000)

YES = {"y", "yes", "true", "1", "v", "ok", "是", "有", "同意", "願意", "已同意", "訂閱"}
NO = {"n", "no", "false", "0", "x", "否", "無", "不同意", "不願意", "未同意", "退訂"}
MONEY_DRESS = re.compile(r"nt\$?|twd|[$,元\s]")
DAY = re.compile(
    r"^(?:中華)?(?P<roc>民國)?\s*(?P<year>\d{1,4})\s*[-/.年]\s*(?P<month>\d{1,2})"
    r"\s*[-/.月]\s*(?P<day>\d{1,2})(?!\d)\s*日?"
)
PLAIN_DAY = re.compile(r"^(?P<year>\d{4}|\d{2,3})(?P<month>\d{2})(?P<day>\d{2})(?!\d)")
TIME = re.compile(
    r"(?P<half>上午|下午|am|pm)?\s*(?P<hour>\d{1,2})[::](?P<minute>\d{2})"
    r"(?:[::](?P<second>\d{2})(?:\.\d+)?)?\s*(?P<late>am|pm)?"
)


class Unreadable(ValueError):  # noqa: N818  (as `Refused`: an answer, not a fault)
    """The cell does not hold what it should. `code` says how; see `wording`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def plain(raw: str) -> str:
    """Return the text with full-width letters and odd spaces made ordinary."""
    if raw.isascii():
        return raw.strip()
    return unicodedata.normalize("NFKC", raw).replace("\u3000", " ").strip()


@lru_cache(REMEMBERED)
def whole(raw: str) -> int:
    """Return a whole number: "1,280", "NT$1,280.00", "(300)" for -300."""
    text = MONEY_DRESS.sub("", plain(raw).lower())
    if "e+" in text:
        raise Unreadable("scientific")
    negative = text.startswith("(") and text.endswith(")")
    text = text.strip("()").removesuffix(".0").removesuffix(".00")
    if not re.fullmatch(r"[+-]?\d{1,12}", text):
        fraction = re.fullmatch(r"[+-]?\d+\.\d+", text)
        raise Unreadable("fraction" if fraction else "number")
    return -int(text) if negative else int(text)


@lru_cache(REMEMBERED)
def day(raw: str) -> date:
    """Return a day: 2024/3/5, 20240305, 113/3/5, 民國113年3月5日, a sheet's serial."""
    text = plain(raw).removesuffix(".0")
    if text.isdigit() and int(text) in SHEET_DAYS:
        return SHEET_EPOCH + timedelta(days=int(text))
    found = DAY.match(text) or PLAIN_DAY.match(text)
    if not found:
        raise Unreadable("day")
    return _day(found)


@lru_cache(REMEMBERED)
def moment(raw: str) -> datetime:
    """Return a time in Taipei; a day without its time is its midnight.

    A time that names its offset keeps it.
    """
    text = plain(raw)
    try:
        exact = datetime.fromisoformat(text)
    except ValueError:
        exact = None
    if exact is not None and len(text) > len("2024-03-05"):
        return exact if exact.tzinfo else exact.replace(tzinfo=TAIPEI)
    return datetime.combine(day(text), _time(text), TAIPEI)


def phone(raw: str) -> str:
    """Return the number with the zero that a spreadsheet took away.

    Nine digits that begin with 9 were a mobile number, eight or nine that begin with
    2 to 8 a line in a house.
    """
    text = re.sub(r"[\s()-]", "", plain(raw)).removesuffix(".0").lstrip("'")
    if "e+" in text.lower():
        raise Unreadable("scientific")
    if re.fullmatch(r"8869\d{8}", text):
        return f"+{text}"
    if re.fullmatch(r"9\d{8}|[2-8]\d{7,8}", text):
        return f"0{text}"
    return text


def flag(raw: str) -> bool:
    """Return yes or no, as people tick it."""
    text = plain(raw).lower()
    if text in YES:
        return True
    if text in NO:
        return False
    raise Unreadable("flag")


@lru_cache(REMEMBERED)
def number_text(raw: str) -> str:
    """Return a code that a spreadsheet may have made a number: "1024.0" is 1024."""
    text = plain(raw).lstrip("'")
    return text[:-2] if re.fullmatch(r"\d+\.0", text) else text


def _day(found: re.Match[str]) -> date:
    year = int(found["year"])
    if found.groupdict().get("roc") or len(found["year"]) <= len("113"):
        year += REPUBLIC
    if not FIRST <= year <= LAST:
        raise Unreadable("year")
    try:
        return date(year, int(found["month"]), int(found["day"]))
    except ValueError:
        raise Unreadable("calendar") from None


def _time(text: str) -> time:
    found = TIME.search(text.lower())
    if not found:
        return time()
    hour, half = int(found["hour"]), found["half"] or found["late"]
    if half in {"下午", "pm"} and hour < 12:
        hour += 12
    if half in {"上午", "am"} and hour == 12:
        hour = 0
    try:
        return time(hour, int(found["minute"]), int(found["second"] or 0))
    except ValueError:
        raise Unreadable("clock") from None
