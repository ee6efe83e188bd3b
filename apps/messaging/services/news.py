"""Tell the pages that wait for an outcome."""

from __future__ import annotations

from collections.abc import Iterable

from apps.core import live


def tell(news: Iterable[tuple[int, str]]) -> None:
    """Publish "delivery" on each delivery's topic; inside the caller's transaction."""
    for pk, topic in news:
        if topic:
            live.publish(topic, "delivery", delivery=pk)
