"""Work that makes very many small rows, and no rings of them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collection() -> Iterator[None]:
    """Do not look for rings of garbage meanwhile; counting references goes on.

    A batch of a hundred thousand tuples would otherwise have the collector walk the
    whole process over and over for nothing. Keep what is inside short.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
