"""What became of a tracked link: who sent it, who opened it, how long it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max

from apps.attribution import rules
from apps.attribution.models import PromoLink
from apps.attribution.reports.policies import in_force, published
from apps.orders.models import Order


@dataclass(frozen=True)
class LinkStatus:
    """A link with its times; the window is that of the policy now in force.

    `clicked_at` is the latest click: from it the window runs, unless the policy counts
    from the sending. A house whose policy knows no links has no window.
    """

    link: PromoLink
    clicked_at: datetime | None
    window_starts_at: datetime | None
    window_days: int | None

    @property
    def window_ends_at(self) -> datetime | None:
        """Return until when an order counts as this link's."""
        if self.window_starts_at is None or self.window_days is None:
            return None
        return self.window_starts_at + timedelta(days=self.window_days)


def status_of(code: str, *, now: datetime) -> LinkStatus | None:
    """Return the link of that code with its times, or nothing."""
    link = (
        PromoLink.objects.filter(code=code)
        .select_related("staff", "store", "member")
        .annotate(latest=Max("clicks__at"))
        .first()
    )
    if link is None:
        return None
    ladder = in_force(published(), now).rules
    rung = next((r for r in ladder.rungs if r.basis == rules.policy.LINK), None)
    clicked: datetime | None = link.latest
    started = clicked if rung and rung.start == rules.policy.CLICKED else link.sent_at
    return LinkStatus(
        link=link,
        clicked_at=clicked,
        window_starts_at=started if rung else None,
        window_days=rung.days if rung else None,
    )


def orders_of(links: Sequence[PromoLink]) -> dict[str, int]:
    """Return how many orders the shop says came by each link, by its code."""
    if not links:
        return {}
    came = Order.objects.filter(
        reference__in=[link.code for link in links],
        placed_at__gte=min(link.created_at for link in links),
    )
    counts = came.values("reference").annotate(n=Count("pk"))
    found = dict(counts.values_list("reference", "n"))
    return {link.code: found.get(link.code, 0) for link in links}
