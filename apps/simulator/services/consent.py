"""A person's consent to a Login channel, with or without adding the account."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from apps.simulator.identity import Grant
from apps.simulator.models import Friendship, LoginCode, OfficialAccount, Person
from apps.simulator.services import people

CODE_LIVES = timedelta(minutes=10)


class BadCodeError(Exception):
    """The authorization code is unknown, used, too old or for another page."""


@dataclass(frozen=True)
class Wish:
    """What a page asks of a person when it sends them to LINE Login."""

    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str


@transaction.atomic
def agree(
    account: OfficialAccount, person: Person, *, befriending: bool, now: datetime
) -> bool:
    """Grant the channel what it asks; return whether the friendship changed."""
    friendship = people.friendship_of(account, person)
    friendship.agreed_at = now
    friendship.save()
    return befriending and people.befriend(account, person, now=now)


def has_agreed(account: OfficialAccount, person: Person) -> bool:
    """Tell whether the person granted the channel before."""
    return Friendship.objects.filter(
        account=account, person=person, agreed_at__isnull=False
    ).exists()


def issue_code(
    account: OfficialAccount, person: Person, wish: Wish, *, now: datetime
) -> str:
    """Return an authorization code of ten minutes, for one use."""
    made = LoginCode.objects.create(
        code=secrets.token_urlsafe(15),
        account=account,
        person=person,
        redirect_uri=wish.redirect_uri,
        scope=wish.scope,
        nonce=wish.nonce,
        code_challenge=wish.code_challenge,
        created_at=now,
    )
    return made.code


@transaction.atomic
def redeem(
    account: OfficialAccount, form: dict[str, str], *, now: datetime
) -> tuple[Grant, str]:
    """Exchange a code for what was granted, and its nonce; BadCodeError if not."""
    code = (
        LoginCode.objects.select_for_update(of=("self",))
        .select_related("person")
        .filter(code=form.get("code", ""), account=account, used_at=None)
        .first()
    )
    if code is None or code.created_at <= now - CODE_LIVES:
        raise BadCodeError("invalid authorization code")
    if code.redirect_uri != form.get("redirect_uri"):
        raise BadCodeError("redirect_uri does not match")
    if code.code_challenge and not _proves(form.get("code_verifier", ""), code):
        raise BadCodeError("code_verifier does not match")
    code.used_at = now
    code.save(update_fields=["used_at"])
    return Grant(account, code.person, code.scope), code.nonce


def _proves(verifier: str, code: LoginCode) -> bool:
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return hmac.compare_digest(challenge.encode(), code.code_challenge.encode())
