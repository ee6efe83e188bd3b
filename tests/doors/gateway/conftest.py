"""A shop with an all-mighty key."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.core import clock
from apps.gateway import keys

RAW = "rg_test_0123456789"
Call = Callable[..., Any]


@pytest.fixture
def call(client: Client, db: None) -> Call:
    """Return a verb that sends a request with an all-mighty key."""
    keys.ensure_key("Shop", RAW, scopes=keys.SCOPES, now=clock.now())

    def send(method: str, path: str, body: Any = None, **headers: str) -> Any:
        headers = {"Authorization": f"Bearer {RAW}", **headers}
        data = body if isinstance(body, (str, bytes)) else json.dumps(body)
        return client.generic(
            method, f"/api/v1/{path}", data, "application/json", headers=headers
        )

    return send
