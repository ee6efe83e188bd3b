"""What an answer to one of HQ's own questions means, and who may give it.

People type, files and machines send: the same readers take "63.5", 63.5,
民國113年3月5日, 「是」 or the label of a choice. What cannot be
read is refused by a code, with the field.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from apps.imports.rules import values
from apps.imports.rules.values import Unreadable

LONGEST_TEXT = 300  # characters
LARGEST = Decimal(10) ** 12
PLACES = 4
SEPARATORS = str.maketrans(dict.fromkeys(";；、|／/", ","))

HQ = "hq"
MACHINE = "machine"
CUSTOMER = "customer"


class Wrong(StrEnum):
    """Why an answer is not taken."""

    UNKNOWN = "attr_unknown"
    FORBIDDEN = "attr_forbidden"
    LONG = "attr_long"
    NUMBER = "attr_number"
    DATE = "attr_date"
    YES_NO = "attr_yes_no"
    CHOICE = "attr_choice"
    ONE = "attr_one"


@dataclass(frozen=True)
class Question:
    """An attribute as it is asked: choices that may be picked, by label."""

    pk: int
    key: str
    name: str
    kind: str
    choices: Mapping[str, int]
    edited_by: Collection[str] = ()


@dataclass(frozen=True)
class Answer:
    """A value in the column of its kind; one without any is no answer."""

    text: str | None = None
    number: Decimal | None = None
    day: date | None = None
    flag: bool | None = None
    picked: tuple[int, ...] | None = None

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was answered."""
        return self == Answer()


@dataclass(frozen=True)
class Fault:
    """The field and why its answer is not taken."""

    key: str
    wrong: Wrong


def may_edit(question: Question, audience: str) -> bool:
    """Tell whether such a person may answer; HQ and its machines may always."""
    return audience in {HQ, MACHINE} or audience in question.edited_by


def read_all(
    said: Mapping[str, object], questions: Mapping[str, Question], *, audience: str
) -> dict[int, Answer] | Fault:
    """Read what is said by key; the first thing that is wrong refuses it all.

    An empty answer takes the one there is away.
    """
    answers: dict[int, Answer] = {}
    for key, raw in said.items():
        question = questions.get(key)
        if question is None:
            return Fault(key, Wrong.UNKNOWN)
        if not may_edit(question, audience):
            return Fault(key, Wrong.FORBIDDEN)
        answer = read(question, raw)
        if isinstance(answer, Wrong):
            return Fault(key, answer)
        answers[question.pk] = answer
    return answers


def read(question: Question, raw: object) -> Answer | Wrong:
    """Return what was answered, or why it cannot be."""
    texts = [text for each in _several(raw) if (text := _text(each))]
    if not texts:
        return Answer()
    if question.kind == "choices":
        return _picked(question, _split(texts, question.choices))
    if len(texts) > 1:
        return Wrong.ONE
    if question.kind == "choice":
        return _picked(question, texts)
    return READERS[question.kind](texts[0])


def short(number: Decimal) -> str:
    """Return the number without zeros behind its last figure: 63.5000 is 63.5."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _several(raw: object) -> Sequence[object]:
    return raw if isinstance(raw, list | tuple) else [raw]


def _text(raw: object) -> str:
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    return str(raw).replace("\x00", "").strip()


def _split(texts: Sequence[str], choices: Mapping[str, int]) -> list[str]:
    """Return the labels in cells such as "大衣、針織"; a label may hold a comma."""
    found: list[str] = []
    for text in texts:
        whole = [text] if text in choices else text.translate(SEPARATORS).split(",")
        found += [part.strip() for part in whole if part.strip()]
    return found


def _picked(question: Question, labels: Sequence[str]) -> Answer | Wrong:
    by_name = {label.casefold(): pk for label, pk in question.choices.items()}
    picked = [by_name.get(label.casefold()) for label in labels]
    known = [pk for pk in picked if pk is not None]
    if len(known) < len(picked):
        return Wrong.CHOICE
    return Answer(picked=tuple(sorted(set(known))))


def _read_text(raw: str) -> Answer | Wrong:
    return Wrong.LONG if len(raw) > LONGEST_TEXT else Answer(text=raw)


def _read_number(raw: str) -> Answer | Wrong:
    try:
        number = Decimal(values.plain(raw).replace(",", ""))
    except InvalidOperation:
        return Wrong.NUMBER
    if not number.is_finite() or abs(number) >= LARGEST:
        return Wrong.NUMBER
    rounded = round(number, PLACES)
    return Answer(number=rounded) if rounded == number else Wrong.NUMBER


def _read_day(raw: str) -> Answer | Wrong:
    try:
        return Answer(day=values.day(raw))
    except Unreadable:
        return Wrong.DATE


def _read_flag(raw: str) -> Answer | Wrong:
    try:
        return Answer(flag=values.flag(raw))
    except Unreadable:
        return Wrong.YES_NO


READERS: Mapping[str, Callable[[str], Answer | Wrong]] = {
    "text": _read_text,
    "number": _read_number,
    "date": _read_day,
    "yes_no": _read_flag,
}
