"""Prove that a telephone is in somebody's hand: send a code, take it back once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from apps.core.errors import Refused
from apps.members.models import OneTimeCode
from apps.members.models.code import MOST_TRIES

DIGITS = 6
LIFE = timedelta(minutes=5)
SECOND = timedelta(seconds=1)
PAUSE = timedelta(seconds=60)  # between two codes to one number
HOUR = timedelta(hours=1)
MOST_AN_HOUR = 5
KEPT = timedelta(days=2)


@dataclass(frozen=True)
class Sent:
    """A code that is to be sent. `digits` is nowhere else and is never logged."""

    row: OneTimeCode
    digits: str


@transaction.atomic
def make_code(phone: str, *, purpose: str, asked_by: str, now: datetime) -> Sent:
    """Make a code for the number (E.164); those made before are worth nothing.

    Refused: "code_soon" within a minute of the last one, "code_often" after five in an
    hour to the number, or five that `asked_by` asked for to whichever number. The
    caller sends it in the same transaction.
    """
    _hold(phone, asked_by)
    recent = OneTimeCode.objects.filter(made_at__gt=now - HOUR)
    to_phone = recent.filter(phone=phone).order_by("-made_at")
    made = list(to_phone.values_list("made_at", flat=True))
    if made and now - made[0] < PAUSE:
        wait = -((made[0] - now + PAUSE) // -SECOND)
        raise Refused(
            "code_soon", _("驗證碼剛送出，%(s)d 秒後可以再要一次") % {"s": wait}
        )
    asked = recent.filter(asked_by=asked_by).count()
    if max(len(made), asked) >= MOST_AN_HOUR:
        raise Refused("code_often", _("要了太多次驗證碼，請一小時後再試"))
    OneTimeCode.objects.filter(
        phone=phone, purpose=purpose, used_at=None, expires_at__gt=now
    ).update(used_at=now)
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    row = OneTimeCode.objects.create(
        phone=phone,
        purpose=purpose,
        asked_by=asked_by,
        digest=_digest(phone, purpose, digits),
        made_at=now,
        expires_at=now + LIFE,
    )
    return Sent(row, digits)


def confirm_code(phone: str, digits: str, *, purpose: str, now: datetime) -> None:
    """Take the code that was sent to the number; it is worth nothing after.

    A wrong one is counted even though it is refused. Refused: "code_none" where none
    lives, "code_wrong", "code_spent" after five wrong ones.
    """
    refusal = _try(phone, digits, purpose=purpose, now=now)
    if refusal is not None:
        raise refusal


@transaction.atomic(durable=True)
def _try(phone: str, digits: str, *, purpose: str, now: datetime) -> Refused | None:
    """Count the try and judge it; the count commits whatever the answer."""
    row = (
        OneTimeCode.objects.select_for_update()
        .filter(phone=phone, purpose=purpose, used_at=None, expires_at__gt=now)
        .order_by("-made_at", "-pk")
        .first()
    )
    if row is None:
        return Refused("code_none", _("驗證碼已失效，請再要一次"))
    if row.tries >= MOST_TRIES:
        return Refused("code_spent", _("錯了太多次，這組驗證碼已作廢，請再要一次"))
    row.tries += 1
    is_right = constant_time_compare(row.digest, _digest(phone, purpose, digits))
    row.used_at = now if is_right else None
    row.save(update_fields=["tries", "used_at"])
    if is_right:
        return None
    left = MOST_TRIES - row.tries
    return Refused("code_wrong", _("驗證碼不對，還可以試 %(left)d 次") % {"left": left})


def forget_codes(*, now: datetime) -> int:
    """Delete the codes of days ago; return how many."""
    deleted, _by_model = OneTimeCode.objects.filter(made_at__lt=now - KEPT).delete()
    return deleted


def _digest(phone: str, purpose: str, digits: str) -> str:
    plain = "".join(digits.split())
    salt = f"members.code.{purpose}"
    return salted_hmac(salt, f"{phone}:{plain}", algorithm="sha256").hexdigest()


def _hold(*names: str) -> None:
    """Make one code at a time for a number and an asker: the limits hold."""
    with connection.cursor() as cursor:
        for name in sorted(names):
            cursor.execute(
                "select pg_advisory_xact_lock(hashtextextended(%s, 0))",
                [f"members.code:{name}"],
            )
