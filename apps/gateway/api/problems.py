"""How the API says no: one shape (RFC 9457) for every error."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from apps.core.errors import Refused
from apps.core.text import clean

MEDIA_TYPE = "application/problem+json"


class TooMany(Exception):  # noqa: N818  (it is an answer, not a fault)
    """The key knocks too often; `wait` is after how many seconds it may again."""

    def __init__(self, wait: int) -> None:
        super().__init__(wait)
        self.wait = wait


def problem(
    status: int,
    detail: str,
    *,
    code: str = "",
    errors: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return an error: what happened, by which rule, and per field where and why."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "errors": list(errors),
    }
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE, headers=headers)


def answer_all(api: NinjaAPI) -> None:
    """Make the API answer each of its errors in this shape."""
    answers: dict[type[Exception], Callable[..., HttpResponse]] = {
        HttpError: _refusal,
        AuthenticationError: _unauthorized,
        ValidationError: _unsound,
        TooMany: _too_many,
        RequestDataTooBig: _too_large,
        Http404: _not_found,
        Refused: _refused,
    }
    for error, answer in answers.items():
        api.add_exception_handler(error, answer)


def _refusal(_request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, str(error))


def _unauthorized(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    detail = "Send an active key: Authorization: Bearer rg_…"
    return problem(401, detail, headers={"WWW-Authenticate": "Bearer"})


def _unsound(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [_located(each) for each in error.errors]
    return problem(422, "The request is not as the schema says.", errors=errors)


def _located(error: Mapping[str, Any]) -> dict[str, Any]:
    """Tell the row of the batch, where there is one, and the field within it."""
    where = list(error.get("loc", ()))
    # The first two name the part of the request and the argument of our function.
    path = where[2:] if where[:1] == ["body"] else where[1:]
    row = next((part for part in path if isinstance(part, int)), None)
    field = ".".join(clean(str(part), 80) for part in path)
    return {"row": row, "field": field, "why": error.get("msg", "")}


def _too_many(_request: HttpRequest, error: TooMany) -> HttpResponse:
    detail = f"Too many requests; come back in {error.wait} s."
    return problem(429, detail, headers={"Retry-After": str(error.wait)})


def _too_large(_request: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
    return problem(413, "The request is too large; send fewer rows at once.")


def _not_found(_request: HttpRequest, _error: Http404) -> HttpResponse:
    return problem(404, "There is no such thing.")


def _refused(_request: HttpRequest, error: Refused) -> HttpResponse:
    return problem(422, error.message, code=error.code)
