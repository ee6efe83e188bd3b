"""Make, sign, read and revoke the codes behind the QR of a salesperson at a store."""

from __future__ import annotations

import hmac
import secrets
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core import clock
from apps.core.errors import Refused
from apps.members.errors import inactive
from apps.members.models import BindingCode
from apps.members.rules import tokens
from apps.staff import services as staff_services
from apps.staff.models import Posting, Staff
from apps.stores.models import Store

SALT = "apps.members.binding_code"


def binding_code(staff: Staff, store: Store, *, now: datetime) -> BindingCode:
    """Return the live code of the salesperson at the store; the first call makes it.

    Refused "inactive" where the person does not serve there today.
    """
    if not staff_services.serves_at(staff, store, clock.day_of(now)):
        raise inactive(staff, store)
    code, _made = BindingCode.objects.select_related("staff", "store").get_or_create(
        staff=staff,
        store=store,
        revoked_at=None,
        defaults={"code": _fresh(), "created_at": now},
    )
    return code


def binding_codes(store: Store, *, now: datetime) -> list[BindingCode]:
    """Return the live code of everybody who serves at the store, by staff code."""
    posted = Posting.objects.on(clock.day_of(now)).filter(store=store)
    people = Staff.objects.serving().filter(pk__in=posted.values("staff"))
    live = BindingCode.objects.filter(store=store, revoked_at=None)
    without = people.exclude(pk__in=live.values("staff")).values_list("pk", flat=True)
    BindingCode.objects.bulk_create(
        (
            BindingCode(staff_id=pk, store=store, code=_fresh(), created_at=now)
            for pk in without
        ),
        ignore_conflicts=True,
    )
    return list(
        live.filter(staff__in=people)
        .select_related("staff", "store")
        .order_by("staff__code")
    )


@transaction.atomic
def revoke(code: BindingCode, *, by: Staff | None, now: datetime) -> None:
    """End a code: what was printed leads to the slot's new code if there is one."""
    if BindingCode.objects.filter(pk=code.pk, revoked_at=None).update(revoked_at=now):
        audit.record("binding_code.revoked", code, by=by, now=now,
                     staff=code.staff_id, store=code.store_id)  # fmt: skip


@transaction.atomic
def pass_on(
    code: BindingCode, *, to: BindingCode, by: Staff | None, now: datetime
) -> None:
    """Let a printed code lead to its slot's new owner (features A16)."""
    if to.pk == code.pk:
        raise Refused("same_code", _("不能交給同一個綁定碼。"))
    revoke(code, by=by, now=now)
    BindingCode.objects.filter(pk=code.pk).update(successor=to)
    audit.record("binding_code.passed_on", code, by=by, now=now, to=to.pk)


def signed(code: BindingCode) -> str:
    """Return what the QR carries: the code with its signature."""
    return str(tokens.Token(code.code, _signature(code.code, settings.SECRET_KEY)))


def prefilled_text(code: BindingCode) -> str:
    """Return the message that binds when the customer sends it as it is."""
    return _("您好，我想請%(store)s的%(name)s為我服務。\n綁定碼 %(mark)s%(token)s") % {
        "store": code.store.label,
        "name": code.staff.label,
        "mark": tokens.MARK,
        "token": signed(code),
    }


def token_in_text(text: str) -> str | None:
    """Return the token that a message carries, None where it carries none.

    A token that fits its signature is found wherever it stands. One that does not is
    returned only behind the mark of the prefilled message, so that an order number
    that happens to have the shape stays an ordinary message.
    """
    candidates = tokens.found_in(text)
    for token in candidates:
        if _is_genuine(token):
            return str(token)
    return next((str(token) for token in candidates if token.is_marked), None)


def scanned(token: str) -> BindingCode:
    """Return the very code that was scanned, revoked or not.

    Refused "forged" where the token is not one of ours.
    """
    read = tokens.parsed(token)
    code = None
    if read is not None and _is_genuine(read):
        code = (
            BindingCode.objects.select_related("staff", "store")
            .filter(code=read.code)
            .first()
        )
    if code is None:
        raise Refused("forged", _("這個綁定碼讀不出來，請店員再出示一次 QR。"))
    return code


def read_token(token: str, *, now: datetime | None = None) -> BindingCode:
    """Return the code that the token leads to today.

    A revoked code leads to the live one of its slot or of whoever took the slot over
    (features A16). Refused: "forged", "revoked", "inactive".
    """
    code = scanned(token)
    present = _present(code, clock.day_of(now or clock.now()))
    if present is not None:
        return present
    if code.revoked_at is not None:
        raise Refused("revoked", _("這個綁定碼已經停用，請店員出示新的 QR。"))
    raise inactive(code.staff, code.store)


def _present(code: BindingCode | None, day: date) -> BindingCode | None:
    """Follow the code to somebody who serves today; a circle ends at nobody."""
    codes = BindingCode.objects.select_related("staff", "store")
    seen: set[int] = set()
    while code is not None and code.pk not in seen:
        seen.add(code.pk)
        live: BindingCode | None = code
        if code.revoked_at is not None:
            slot = codes.filter(staff=code.staff_id, store=code.store_id)
            live = slot.filter(revoked_at=None).first()
        if live and staff_services.serves_at(live.staff, live.store, day):
            return live
        heir = code.successor_id
        code = codes.get(pk=heir) if heir is not None else None
    return None


def _fresh() -> str:
    return "".join(
        secrets.choice(tokens.SYMBOLS) for _place in range(tokens.CODE_LENGTH)
    )


def _signature(code: str, secret: str) -> str:
    digest = salted_hmac(SALT, code, secret=secret, algorithm="sha256").digest()
    return tokens.encoded(digest)


def _is_genuine(token: tokens.Token) -> bool:
    """Compare with the signature of each key in use: print outlives a rotation."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(
        hmac.compare_digest(_signature(token.code, key), token.signature)
        for key in keys
    )
