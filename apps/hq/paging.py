"""Pages of a list that may be long: nothing is counted beyond what a person leafs."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

A_PAGE = 50
# Counting a million rows takes longer than showing fifty of them.
MOST = 10_000


class Leaves(Paginator):  # type: ignore[type-arg]  # no generic at runtime
    """A paginator that stops counting at `MOST`."""

    @cached_property
    def count(self) -> int:
        """Return how many there are, at most `MOST`."""
        found: QuerySet[Any] = self.object_list  # type: ignore[assignment]  # `leaf`
        return found.order_by()[:MOST].count()

    @property
    def is_capped(self) -> bool:
        """Tell whether there may be more than was counted."""
        return self.count >= MOST


def leaf(request: HttpRequest, found: QuerySet[Any], a_page: int = A_PAGE) -> Page[Any]:
    """Return the page of the list that the address names."""
    return Leaves(found, a_page).get_page(request.GET.get("page"))
