"""Whom a request is about: a member by one of the keys that shops and tills know."""

from __future__ import annotations

from typing import Annotated, Any

from django.utils.translation import gettext as _
from ninja import Field, Schema

from apps.core.errors import Refused
from apps.gateway.api.schemas import PRINTABLE, text_of
from apps.members import services as members
from apps.members.models import Identity, Member

Kind = Identity.Kind


def _key(text: str) -> Any:
    return Field(max_length=120, pattern=PRINTABLE, description=text)


Number = Annotated[str | None, _key("The member's number")]
Card = Annotated[str | None, _key("The number of the member's card")]
Phone = Annotated[str | None, _key("As 0912345678 or +886912345678")]


class Who(Schema):
    """A member by one key; of several the first of number, card and phone counts."""

    number: Annotated[str, text_of(20, "The member's number", 0)] = ""
    card: Annotated[str, text_of(40, "The number of the member's card", 0)] = ""
    phone: Annotated[str, text_of(40, "As 0912345678 or +886912345678", 0)] = ""


def find(
    *, number: str | None = "", card: str | None = "", phone: str | None = ""
) -> Member | None:
    """Return whose key it is; of several the first in this order counts."""
    if number:
        return members.find_by_number(number)
    if card:
        return members.find_by_key(Kind.CARD, members.card_number(card))
    return members.find_by_phone(phone) if phone else None


def need(who: Who) -> Member:
    """Return the member of a request's body. Raises Refused "no_member"."""
    found = find(number=who.number, card=who.card, phone=who.phone)
    if found is None:
        raise Refused("no_member", _("查無這位會員"))
    return found


def masked_name(name: str) -> str:
    """Return a name of which only its owner recognises the whole: 陳*妤."""
    letters = name.strip()
    if len(letters) < 2:
        return letters
    end = letters[-1] if len(letters) > 2 else ""
    return f"{letters[0]}{'*' * (len(letters) - 1 - len(end))}{end}"
