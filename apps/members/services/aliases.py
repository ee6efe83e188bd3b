"""Follow members who were merged away to the person they turned out to be."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from apps.members.models import Member

# A keeper may itself be merged away while its alias is read; each round is one merge
# that committed in between.
ROUNDS = 20


def follow(member: Member) -> Member:
    """Return the person: the member itself, or the one it was merged into."""
    while member.merged_into is not None:
        member = member.merged_into
    return member


def hold(member_ids: Collection[int]) -> dict[int, int]:
    """Return who each member is now, and keep them from being merged away.

    The lock ends with the caller's transaction. It is the one that a foreign key takes,
    so that rows which are to be written cost nothing more.
    """
    person = {pk: pk for pk in member_ids}
    for _round in range(ROUNDS):
        gone = _locked(set(person.values()))
        if not gone:
            return person
        person = {pk: gone.get(now, now) for pk, now in person.items()}
    raise RuntimeError("the same members were merged over and over")


def find_by_number(number: str) -> Member | None:
    """Return whose number it is, through any merge; None for nobody's."""
    found = (
        Member.objects.select_related("merged_into")
        .filter(number="".join(number.split()))
        .first()
    )
    return follow(found) if found else None


def _locked(member_ids: Collection[int]) -> dict[int, int]:
    """Lock the members; return the aliases among them with whom they lead to."""
    if not member_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select id, merged_into_id from members_member
            where id = any(%s) order by id for key share
            """,
            [sorted(member_ids)],
        )
        return {pk: into for pk, into in cursor.fetchall() if into is not None}
