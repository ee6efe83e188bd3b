"""Every answer names the request it belongs to."""

import pytest
from django.test import Client

pytestmark = pytest.mark.urls("apps.core.urls")


def test_a_request_keeps_the_id_its_proxy_gave_it(client: Client) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": "abc-12345678"})
    assert answer["X-Request-ID"] == "abc-12345678"


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "a\u00e9" * 8, "bad id here!"]
)
def test_a_request_without_a_usable_id_gets_one(client: Client, given: str) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": given})
    assert len(answer["X-Request-ID"]) == 32
