"""The API's page for people: a guide, and the schema with examples, drawn by us."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

from apps.gateway import visitor_tokens
from apps.gateway.api import examples
from apps.gateway.api.app import api
from apps.gateway.api.auth import PER_KEY
from apps.gateway.api.examples import Example
from apps.gateway.api.idempotency import KEPT
from apps.gateway.api.schemas import MOST_ROWS
from apps.gateway.pages import SCOPE_WORDS
from apps.staff.access import open_to_all
from apps.ui.htmx import page

Json = Mapping[str, Any]
Text = str | Promise
LIMITS = {
    "minLength": "≥ {} characters",
    "maxLength": "≤ {} characters",
    "minimum": "≥ {}",
    "maximum": "≤ {}",
    "minItems": "≥ {} rows",
    "maxItems": "≤ {} rows",
}


@dataclass(frozen=True)
class FieldRow:
    """One field of a request or an answer; `path` as in orders[].lines[].sku."""

    path: str
    kind: str
    is_required: bool
    note: str


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked."""

    anchor: str
    tag: str
    method: str
    path: str
    title: Text
    scope: str
    is_repeatable: bool  # by its Idempotency-Key
    curl: str
    example: Example
    paragraphs: tuple[str, ...]
    parameters: tuple[FieldRow, ...]
    body: tuple[FieldRow, ...]
    answer: tuple[FieldRow, ...]
    statuses: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Group:
    """The operations on one kind of thing."""

    code: str
    title: Text
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class Failure:
    """An error as an example: the request and the problem that answers it."""

    example: Example
    curl: str


@open_to_all
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show how the API is used, and every operation with an example."""
    operations = _operations()
    context = {
        "api": api,
        "groups": _groups(operations),
        "failures": _failures(operations),
        "scopes": list(SCOPE_WORDS.items()),
        "rate": PER_KEY.rate,
        "most_rows": MOST_ROWS,
        "kept_days": KEPT.days,
        "token_minutes": visitor_tokens.LIVES.seconds // 60,
        "public_url": settings.PUBLIC_URL,
        "first": operations[0].curl,
        "snippet": f'<script src="{settings.PUBLIC_URL}/snippet.js" async></script>',
    }
    return page(request, "gateway/api_docs.html", context)


def _groups(operations: tuple[Operation, ...]) -> list[Group]:
    """Return the operations by what they are about, in the schema's order."""
    tags = dict.fromkeys(each.tag for each in operations)
    return [
        Group(
            tag,
            examples.GROUPS[tag],
            tuple(each for each in operations if each.tag == tag),
        )
        for tag in tags
    ]


def _failures(operations: tuple[Operation, ...]) -> list[Failure]:
    methods = {each.anchor: each.method for each in operations}
    return [
        Failure(each, each.curl(methods[each.operation])) for each in examples.errors()
    ]


@cache
def _operations() -> tuple[Operation, ...]:
    schema = api.get_openapi_schema()
    return tuple(
        _operation(schema, path, method, facts)
        for path, methods in schema["paths"].items()
        for method, facts in methods.items()
    )


def _operation(schema: Json, path: str, method: str, facts: Json) -> Operation:
    answers = facts["responses"]
    good = next(answers[status] for status in answers if int(status) < 400)
    name = facts["operationId"]
    example = next(each for each in examples.story() if each.operation == name)
    names = {each["name"] for each in facts.get("parameters", ())}
    return Operation(
        anchor=name,
        tag=facts["tags"][0],
        method=method.upper(),
        path=path,
        title=examples.TITLES[name],
        scope=facts["x-scope"],
        is_repeatable="Idempotency-Key" in names,
        curl=example.curl(method.upper()),
        example=example,
        paragraphs=_paragraphs(facts.get("description", "")),
        parameters=tuple(
            _row(
                each["name"],
                _resolved(schema, each["schema"]),
                each,
                required=each["required"],
            )
            for each in facts.get("parameters", ())
            if each["in"] != "header"
        ),
        body=tuple(_fields(schema, _content(facts.get("requestBody", {})))),
        answer=tuple(_fields(schema, _content(good))),
        statuses=tuple(
            (str(status), answer.get("description", ""))
            for status, answer in answers.items()
        ),
    )


def _paragraphs(text: str) -> tuple[str, ...]:
    """Undo the line breaks of our source, and the marks that only Markdown reads."""
    parts = text.replace("`", "").split("\n\n")
    return tuple(" ".join(part.split()) for part in parts if part.strip())


def _content(part: Json) -> Json:
    """Return the JSON schema of a request's body or of an answer, or nothing."""
    found: Json = part.get("content", {}).get("application/json", {}).get("schema", {})
    return found


def _fields(schema: Json, shape: Json, prefix: str = "") -> Iterator[FieldRow]:
    """Go down the shape; a list of things adds [] to the path."""
    shape = _resolved(schema, shape)
    required = shape.get("required", ())
    for name, raw in shape.get("properties", {}).items():
        inner = _resolved(schema, raw)
        yield _row(f"{prefix}{name}", inner, raw, required=name in required)
        is_list = inner.get("type") == "array"
        below = inner["items"] if is_list else inner
        yield from _fields(schema, below, f"{prefix}{name}{'[]' if is_list else ''}.")


def _resolved(schema: Json, shape: Json) -> Json:
    """Follow the reference; of "this or null" take this."""
    for option in (*shape.get("anyOf", ()), *shape.get("allOf", ())):
        if option.get("type") != "null":
            return {**shape, **_resolved(schema, option)}
    reference = shape.get("$ref")
    if reference is None:
        return shape
    found: Json = schema["components"]["schemas"][reference.rsplit("/", 1)[1]]
    return found


def _row(path: str, shape: Json, told: Json, *, required: bool) -> FieldRow:
    limits = [text.format(shape[key]) for key, text in LIMITS.items() if key in shape]
    choices = " | ".join(map(str, shape.get("enum", ())))
    kind = shape.get("format") or shape.get("type", "")
    notes = [told.get("description", ""), choices, ", ".join(limits)]
    return FieldRow(path, kind, required, "; ".join(filter(None, notes)))
