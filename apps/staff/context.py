"""What every page knows of the person who looks at it."""

from __future__ import annotations

from django.http import HttpRequest

from apps.staff import rules
from apps.staff.models import Staff


def permissions(request: HttpRequest) -> dict[str, frozenset[str]]:
    """Give pages `may`: the set of permissions of the person who is signed in."""
    person = getattr(request, "user", None)
    if not isinstance(person, Staff) or not person.is_active:
        return {}
    return {"may": rules.permissions_of(person.role)}
