"""What the tests of loyalty share: the check of invariants."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from apps.loyalty.invariants import INVARIANTS


@pytest.fixture
def _invariants(db: None) -> Iterator[None]:
    """Check, when the test is done, that whatever must hold does."""
    yield
    broken = {}
    with connection.cursor() as cursor:
        for name, query in INVARIANTS.items():
            cursor.execute(query)
            if rows := cursor.fetchall():
                broken[name] = rows
    assert not broken
