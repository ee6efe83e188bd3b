"""Every URL of the house, read off the resolver, so that a new one cannot hide."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

# Rooms that other people's packages bring, with the guard they carry themselves.
VENDORED = {
    "admin/": "Django's admin: open to HQ admins through Staff.is_staff",
    "account/": "django-allauth: sign-in, and one's own account",
    "media/": "uploaded files, served by the demo only",
}


@dataclass(frozen=True)
class Route:
    """One URL pattern and the view behind it."""

    path: str
    name: str
    view: Callable[..., Any]

    @property
    def permission(self) -> str | None:
        """Return what the view declares, or nothing."""
        return getattr(self.view, "permission", None)

    @property
    def needs(self) -> list[str]:
        """Return the names of the arguments in the path."""
        parts = self.path.split("<")[1:]
        return [part.split(">")[0].split(":")[-1] for part in parts]


def walk(
    resolver: URLResolver | None = None, prefix: str = "", spaces: tuple[str, ...] = ()
) -> Iterator[Route]:
    """Yield every route below the resolver, the root one by default."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern).removeprefix("^").removesuffix("$")
        if isinstance(entry, URLResolver):
            inner = (*spaces, entry.namespace) if entry.namespace else spaces
            yield from walk(entry, path, inner)
        elif isinstance(entry, URLPattern):
            name = ":".join((*spaces, entry.name or ""))
            yield Route(path, name, entry.callback)


def ours() -> list[Route]:
    """Return the routes of our own doors."""
    return [route for route in walk() if not route.path.startswith(tuple(VENDORED))]
