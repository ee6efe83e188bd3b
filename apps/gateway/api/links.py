"""Tracked links for whoever meets their reference: who sent one, and until when."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.http import Http404, HttpRequest
from ninja import Field, Path, Router, Schema

from apps.attribution.reports.links import LinkStatus, status_of
from apps.core import clock
from apps.gateway.api import schemas
from apps.gateway.api.auth import ApiKeyAuth
from apps.gateway.api.faults import faults

router = Router(tags=["Links"])

Code = Annotated[
    str,
    Path(
        max_length=12,
        pattern=schemas.PRINTABLE,
        description="The reference: rg in the link's address",
    ),
]


class Salesperson(Schema):
    """Whose link it is."""

    code: str
    name: str


class Link(Schema):
    """A tracked link, and the time in which an order counts as its own."""

    code: str
    kind: str = Field(description="product, category, home, cart, store or page")
    target_url: str
    salesperson: Salesperson
    store_code: str | None
    member_number: str | None = Field(description="Whom it was sent to, if to one")
    campaign: str
    sent_at: datetime | None
    first_clicked_at: datetime | None
    clicked_at: datetime | None = Field(description="The latest click")
    window_starts_at: datetime | None = Field(
        description="From the click, or from the sending where the policy says so"
    )
    window_days: int | None = Field(description="Null where the policy knows no links")
    window_ends_at: datetime | None
    expires_at: datetime | None


@router.get(
    "links/{code}",
    auth=ApiKeyAuth("links:read"),
    response={200: Link, **faults(401, 403, 404, 422, 429)},
)
def show_link(request: HttpRequest, code: Code) -> Link:
    """Return a link with its salesperson, its times and its window.

    The window is that of the credit policy now in force; which link earns an order is
    decided when the order comes in.
    """
    found = status_of(code, now=clock.now())
    if found is None:
        raise Http404
    return _shown(found)


def _shown(found: LinkStatus) -> Link:
    link = found.link
    return Link(
        code=link.code,
        kind=link.kind,
        target_url=link.target_url,
        salesperson=Salesperson(code=link.staff.code, name=link.staff.name),
        store_code=link.store.code if link.store else None,
        member_number=link.member.number if link.member else None,
        campaign=link.campaign,
        sent_at=link.sent_at,
        first_clicked_at=link.clicked_at,
        clicked_at=found.clicked_at,
        window_starts_at=found.window_starts_at,
        window_days=found.window_days,
        window_ends_at=found.window_ends_at,
        expires_at=link.expires_at,
    )
