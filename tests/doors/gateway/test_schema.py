"""The whole OpenAPI document, thrown at the API: no crash, no undocumented status.

A crash is an exception here, for the test's client passes it on. The small size runs
with every change, the full one by `-m slow`.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core import NOT_SET
from schemathesis.core.result import Ok

from apps.core import clock
from apps.gateway import keys
from apps.gateway.api.app import api
from apps.gateway.models import Bucket
from tests import make
from tests.doors.gateway.conftest import RAW

pytestmark = pytest.mark.django_db
MOST_ITEMS = 3  # of a list: longer ones teach nothing and take minutes to make


def _short(part: dict[str, Any]) -> dict[str, Any]:
    """Shorten the lists of a part of the document; the rows stay as they are."""
    if "maxItems" in part:
        part["maxItems"] = MOST_ITEMS
    return part


DOCUMENT = json.loads(
    json.dumps(api.get_openapi_schema(), default=str), object_hook=_short
)
FOUND = list(schemathesis.openapi.from_dict(DOCUMENT).get_all_operations())
OPERATIONS = {
    operation.label: operation
    for operation in (each.ok() for each in FOUND if isinstance(each, Ok))
}
SIZES = [
    pytest.param(6, id="small"),
    pytest.param(300, id="full", marks=pytest.mark.slow),
]


@pytest.fixture(autouse=True)
def shop(db: None) -> None:
    """Give the shop something that a request may hit upon."""
    keys.ensure_key("Shop", RAW, scopes=keys.SCOPES, now=clock.now())
    make.store(code="0")
    make.product("0")
    make.member(number="0")


@pytest.mark.parametrize("examples", SIZES)
@pytest.mark.parametrize("label", OPERATIONS)
def test_an_operation_answers_as_it_is_documented(
    client: Client, label: str, examples: int
) -> None:
    operation = OPERATIONS[label]
    cases = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )
    documented = {int(status) for status in operation.definition.raw["responses"]}

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def answers(case: Any) -> None:
        Bucket.objects.all().delete()
        answer = _send(client, case)
        assert answer.status_code in documented, (answer.status_code, answer.content)
        if answer.status_code >= 400:
            assert answer["Content-Type"] == "application/problem+json"

    answers()


def _send(client: Client, case: Any) -> Any:
    query = urlencode(case.query or {}, doseq=True, errors="replace")
    data = b"" if case.body is NOT_SET else json.dumps(case.body, default=str)
    sent = {name: str(value) for name, value in (case.headers or {}).items()}
    headers = {**sent, "Authorization": f"Bearer {RAW}"}
    return client.generic(
        case.method,
        f"{case.formatted_path}?{query}",
        data,
        "application/json",
        headers=headers,
    )
