"""Telephone numbers in one form: E.164, with Taiwan as the country of bare ones."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from django.utils.translation import gettext as _

from apps.core.errors import Refused

COUNTRY = "TW"
# Nearly every number that comes in is one of these, and needs no grammar of the world.
PLAIN_MOBILE = re.compile(r"(?:0|\+886)(9[0-8][0-9]{7})")


def normal(raw: str) -> str:
    """Return the number as +886912345678; Refused "phone" where it is none."""
    number = parsed(raw)
    if number is None:
        raise Refused("phone", _("手機號碼像 0912 345 678，再看一次有沒有打錯。"))
    return number


def parsed(raw: str) -> str | None:
    """Return the number in E.164, None where the text is not a possible number."""
    if plain := PLAIN_MOBILE.fullmatch(raw):
        return f"+886{plain[1]}"
    text = unicodedata.normalize("NFKC", raw).strip()
    if text.startswith("00"):
        text = f"+{text[2:]}"
    try:
        number = phonenumbers.parse(text, COUNTRY)
    except phonenumbers.NumberParseException:
        return None
    if number.extension or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def national(number: str) -> str:
    """Return how the number is dialled here: 0912 345 678."""
    try:
        found = phonenumbers.parse(number, COUNTRY)
    except phonenumbers.NumberParseException:
        return number
    form = (
        phonenumbers.PhoneNumberFormat.NATIONAL
        if phonenumbers.region_code_for_number(found) == COUNTRY
        else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return phonenumbers.format_number(found, form)
