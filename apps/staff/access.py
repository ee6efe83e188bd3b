"""How a URL declares who may open it: each view carries exactly one of these.

`@may("hq.inbox")`  staff whose role carries the permission
`@open_to_all`      anybody, with the reason
`@machine`          another system, which proves itself by a signature or a key
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from apps.staff import rules
from apps.staff.models import Staff

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)
AnyView = TypeVar("AnyView", bound=Callable[..., Any])


class StaffRequest(HttpRequest):
    """A request of a signed-in person."""

    staff: Staff
    user: Staff


def may(
    permission: str,
) -> Callable[
    [Callable[Concatenate[StaffRequest, P], R]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """Open the view to staff whose role carries the permission; others get 403.

    Somebody not signed in is sent to the sign-in page and back.
    """
    if permission not in rules.PERMISSIONS:
        raise LookupError(f"no such permission: {permission}")

    def declare(
        view: Callable[Concatenate[StaffRequest, P], R],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def guarded(
            request: HttpRequest, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            person = request.user
            if not isinstance(person, Staff) or not person.is_active:
                return redirect_to_login(request.get_full_path())
            if not rules.may(person.role, permission):
                raise PermissionDenied
            request.staff = person  # type: ignore[attr-defined]  # now a StaffRequest
            return view(request, *args, **kwargs)  # type: ignore[arg-type]

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]  # wraps() renames the request

    return declare


def open_to_all(view: AnyView) -> AnyView:
    """Open the view to anybody: customers' pages, health, sign-in."""
    view.permission = "open_to_all"  # type: ignore[attr-defined]
    return view


def machine(view: AnyView) -> AnyView:
    """Open the view to other systems: it checks a signature or a key by itself."""
    view.permission = "machine"  # type: ignore[attr-defined]
    return view


def person_of(request: HttpRequest) -> Staff:
    """Return who is signed in; a stranger is refused (403)."""
    if not isinstance(request.user, Staff):
        raise PermissionDenied
    return request.user


def topics_of(staff: Staff) -> list[str]:
    """Return the live topics (`apps.core.live`) that the person may listen to."""
    topics = [f"staff:{staff.pk}"]
    if rules.may(staff.role, "hq.inbox"):
        topics.append("desk:hq")
    return topics
