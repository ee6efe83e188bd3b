"""What waits for HQ: counted here, and by the rooms above that hold more of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Todo:
    """A thing for HQ to see to.

    `code` says which page it leads to; `tone` is hot, warn or brand.
    """

    code: str
    icon: str
    tone: str
    title: str
    detail: str = ""


Source = Callable[[datetime], Iterable[Todo]]

SOURCES: list[Source] = []


def register(source: Source) -> Source:
    """Show in HQ's list what a room above knows, such as the gateway's dead events."""
    if source not in SOURCES:
        SOURCES.append(source)
    return source
