"""What every endpoint of the Messaging API does before and after its own work.

In LINE's order: who calls, is a fault ordered, is the rate kept, is the body whole
and within the schema; then the work; then the fault that strikes after acceptance.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from apps.core import clock
from apps.simulator import ids
from apps.simulator.access import simulated
from apps.simulator.models import Fault, OfficialAccount
from apps.simulator.platform import faults, rates, schema, tokens
from apps.simulator.platform.answers import (
    MONTHLY,
    RATE,
    LineError,
    invalid,
    not_found,
)

BODY_BYTES = 2 * 1024 * 1024
INTERNAL = "Internal Server Error"
AFTER = {Fault.Action.ERROR_AFTER, Fault.Action.SILENCE_AFTER}


@dataclass(frozen=True)
class Call:
    """One call of the Messaging API, authenticated and valid by the schema."""

    request: HttpRequest
    account: OfficialAccount
    body: Any
    request_id: str
    now: datetime


Answer = HttpResponse | dict[str, Any]
Work = Callable[..., Answer]
View = Callable[..., HttpResponse]


def endpoint(name: str, *, schema: str = "") -> Callable[[Work], View]:
    """Make a view of an endpoint; `name` is what faults and rate limits call it."""

    def decorate(work: Work) -> View:
        @csrf_exempt
        @wraps(work)
        def view(request: HttpRequest, **kwargs: str) -> HttpResponse:
            request_id = ids.request_id()
            try:
                response = _answer(name, schema, work, request, request_id, kwargs)
            except LineError as error:
                response = error.response()
            response["x-line-request-id"] = request_id
            return response

        return simulated(view)

    return decorate


def by_method(**views: View) -> View:
    """Choose the endpoint by the method of the request."""

    @csrf_exempt
    def view(request: HttpRequest, **kwargs: str) -> HttpResponse:
        chosen = views.get(str(request.method).lower())
        if chosen is None:
            return LineError(405, "Method not allowed").response()
        return chosen(request, **kwargs)

    return simulated(view)


@simulated
@csrf_exempt
def unknown(request: HttpRequest, path: str) -> HttpResponse:
    """Answer 404 for what LINE has and this stand-in has not, or nobody has."""
    return not_found().response()


def _answer(
    name: str,
    schema_name: str,
    work: Work,
    request: HttpRequest,
    request_id: str,
    kwargs: dict[str, str],
) -> HttpResponse:
    account = tokens.account_of(request)
    fault = faults.strike(account, name)
    if fault and fault.action not in AFTER:
        strike(fault)
    if not rates.allows(account, name):
        raise LineError(429, RATE)
    body = _body(request, schema_name) if schema_name else None
    call = Call(request, account, body, request_id, clock.now())
    answer = work(call, **kwargs)
    if fault and fault.action in AFTER:
        strike(fault)
    return JsonResponse(answer) if isinstance(answer, dict) else answer


def strike(fault: Fault) -> None:
    """Misbehave as ordered; silence ends in a 500 that nobody should be waiting for."""
    match fault.action:
        case Fault.Action.RATE_LIMIT:
            raise LineError(429, RATE)
        case Fault.Action.MONTHLY_LIMIT:
            raise LineError(429, MONTHLY)
        case Fault.Action.SILENCE | Fault.Action.SILENCE_AFTER:
            time.sleep(fault.seconds)
    raise LineError(500, INTERNAL)


def _body(request: HttpRequest, schema_name: str) -> Any:
    try:
        raw = request.body
    except RequestDataTooBig as error:
        raise LineError(413, "Payload Too Large") from error
    if len(raw) > BODY_BYTES:
        raise LineError(413, "Payload Too Large")
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        message = (
            "The request body could not be parsed as JSON. "
            f"line: {line}, column: {column}"
        )
        raise LineError(400, message) from error
    if problems := schema.problems(schema_name, body):
        raise invalid(problems)
    return body
