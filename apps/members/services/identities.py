"""Meet people by the keys that other systems know them by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.channels.models import Account
from apps.core.errors import Refused
from apps.members import phones
from apps.members.models import Identity, Member
from apps.staff.models import Staff

NAME_LENGTH = 60
ATTEMPTS = 5


class Profile(Protocol):
    """What the channel tells of a person."""

    @property
    def name(self) -> str:
        """What the person calls themselves."""

    @property
    def picture_url(self) -> str:
        """Their picture, or nothing."""


def meet_line_user(
    account: Account,
    user_id: str,
    *,
    now: datetime,
    profile: Profile | None = None,
    entry: str = "line",
) -> Identity:
    """Return the person's key with its member; a stranger becomes a lead.

    `entry` says how a stranger came and is kept for good. A profile brings name and
    picture up to date.
    """
    met = meet_line_users(account, {user_id: profile}, now=now, entry=entry)
    return met[user_id]


def meet_line_users(
    account: Account,
    people: Mapping[str, Profile | None],
    *,
    now: datetime,
    entry: str = "line",
) -> dict[str, Identity]:
    """Meet many at once, as `meet_line_user` does one; keyed by LINE user id.

    Somebody else may meet the same stranger at the same moment: the loser of the
    unique key takes back its lead and reads again.
    """
    for _attempt in range(ATTEMPTS):
        known = _known(account, people)
        strangers = sorted(set(people) - set(known))
        if not strangers:
            _refresh(known, people)
            return known
        try:
            with transaction.atomic():
                _add(account, strangers, people, now=now, entry=entry)
        except IntegrityError:
            continue
    raise RuntimeError("the same strangers were met at the same time over and over")


def note_friendship(identity: Identity, *, friend: bool, now: datetime) -> None:
    """Keep whether the person follows the account, and since when."""
    state = Identity.Friend.FRIEND if friend else Identity.Friend.BLOCKED
    if identity.friend == state:
        return
    identity.friend = state
    if friend:
        identity.followed_at = now
    identity.save(update_fields=["friend", "followed_at"])


def line_identity(member: Member) -> Identity | None:
    """Return the member's key on LINE, the latest if there are several."""
    return (
        member.identities.filter(kind=Identity.Kind.LINE)
        .select_related("account")
        .order_by("-pk")
        .first()
    )


def find_by_phone(raw: str) -> Member | None:
    """Return whose number it is; None for nobody's and for what is no number."""
    number = phones.parsed(raw)
    if number is None:
        return None
    return Member.objects.filter(
        identities__kind=Identity.Kind.PHONE, identities__value=number
    ).first()


def find_by_key(kind: str, value: str, *, system: str = "") -> Member | None:
    """Return whose key it is; None for nobody's. LINE ids go by `meet_line_user`."""
    return Member.objects.filter(
        identities__kind=kind,
        identities__account=None,
        identities__system=system,
        identities__value=value,
    ).first()


@transaction.atomic
def link_key(
    member: Member,
    kind: str,
    value: str,
    *,
    system: str = "",
    by: Staff | None,
    now: datetime,
) -> Identity:
    """Make the key the member's; the same again changes nothing.

    For a system that vouches for it, or a person who saw it. Refused "key_taken" where
    it is somebody else's: it is never taken over.
    """
    key = {"kind": kind, "account": None, "system": system, "value": value}
    found = Identity.objects.filter(**key).first()
    if found is None:
        try:
            with transaction.atomic():
                found = Identity.objects.create(**key, member=member, created_at=now)
        except IntegrityError:
            found = Identity.objects.get(**key)
        else:
            audit.record("identity.linked", member, by=by, now=now, kind=kind,
                         system=system)  # fmt: skip
    if found.member_id != member.pk:
        raise Refused("key_taken", _("這個編號或號碼已經是另一位會員的。"))
    return found


def _known(account: Account, people: Mapping[str, object]) -> dict[str, Identity]:
    rows = Identity.objects.select_related("member", "account").filter(
        kind=Identity.Kind.LINE, account=account, value__in=list(people)
    )
    return {row.value: row for row in rows}


def _add(
    account: Account,
    strangers: list[str],
    people: Mapping[str, Profile | None],
    *,
    now: datetime,
    entry: str,
) -> None:
    leads = Member.objects.bulk_create(
        Member(nickname=_name(people[key]), entry=entry, created_at=now)
        for key in strangers
    )
    Identity.objects.bulk_create(
        Identity(
            member=lead,
            kind=Identity.Kind.LINE,
            account=account,
            value=key,
            name=lead.nickname,
            picture_url=_picture(people[key]),
            created_at=now,
        )
        for key, lead in zip(strangers, leads, strict=True)
    )


def _refresh(
    known: Mapping[str, Identity], people: Mapping[str, Profile | None]
) -> None:
    """Write the names and pictures that changed, and no other row."""
    changed = []
    for key, identity in known.items():
        profile = people[key]
        news = (_name(profile), _picture(profile))
        if profile is None or news == (identity.name, identity.picture_url):
            continue
        identity.name, identity.picture_url = news
        identity.member.nickname = news[0]
        changed.append(identity)
    if changed:
        Identity.objects.bulk_update(changed, ["name", "picture_url"], batch_size=500)
        Member.objects.bulk_update(
            [identity.member for identity in changed], ["nickname"], batch_size=500
        )


def _name(profile: Profile | None) -> str:
    """Return the name without what a text column cannot hold."""
    text = profile.name if profile else ""
    kept = text.encode("utf-8", "ignore").decode().replace("\x00", "")
    return kept[:NAME_LENGTH]


def _picture(profile: Profile | None) -> str:
    url = (profile.picture_url or "") if profile else ""
    return url if url.startswith("https://") and len(url) <= 500 else ""
