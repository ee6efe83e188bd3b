"""The API put together: its operations, its errors, its schema, its permissions."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import URLPattern
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.parser import Parser

from apps.gateway.api import (
    availability,
    carts,
    coupons,
    events,
    fulfilments,
    links,
    members,
    orders,
    payments,
    points,
    problems,
    products,
    rights,
    stock,
)

MADE_FOR_ALL = {"openapi-json", "api-root"}
DESCRIPTION = f"""\
For shops and tills: products out; members, orders and refunds in; rights at the till.

Send a key in `Authorization: Bearer rg_…`; `manage.py make_api_key` makes one. Money is
whole NT$; times name their offset, such as 2026-11-20T21:12:00+08:00. A key may
send {settings.API_RATE} requests a second; one that is told 429 waits for
`Retry-After` seconds. Every error is `application/problem+json`.
"""


class StrictParser(Parser):
    """Reads JSON bodies; one that is nested past reading is no JSON either."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """Return the body; a ValueError where it cannot be read."""
        try:
            return super().parse_body(request)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


class Api(NinjaAPI):
    """Names its operations, and the media type of its errors, in its schema."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return a name for generated clients: that of our function."""
        return operation.view_func.__name__

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        """Return the schema of all operations."""
        schema = super().get_openapi_schema(**kwargs)
        for path in schema["paths"].values():
            for operation in path.values():
                operation["x-scope"] = SCOPES[operation["operationId"]]
                for status, answer in operation["responses"].items():
                    if int(status) >= 400:
                        content = answer["content"]
                        content[problems.MEDIA_TYPE] = content.pop("application/json")
        return schema


def _declare(pattern: URLPattern) -> None:
    """Say who may open the URL, as `apps.staff.access` does for our own views."""
    to_all = pattern.name in MADE_FOR_ALL
    pattern.callback.permission = "open_to_all" if to_all else "machine"  # type: ignore[attr-defined]


api = Api(
    title="Regulars",
    version="1",
    description=DESCRIPTION,
    docs_url=None,
    urls_namespace="gateway:api",
    parser=StrictParser(),
)
problems.answer_all(api)
PARTS = (
    products, stock, orders, fulfilments, carts, links, events, members, rights,
    coupons, points,
    availability, payments
)  # fmt: skip
for _part in PARTS:
    api.add_router("", _part.router)
# The scope that each operation asks of a key, by the operation's name.
SCOPES = {
    operation.view_func.__name__: operation.auth_callbacks[0].scope
    for part in PARTS
    for view in part.router.path_operations.values()
    for operation in view.operations
}
urls = api.urls
for _pattern in urls[0]:
    if isinstance(_pattern, URLPattern):
        _declare(_pattern)
