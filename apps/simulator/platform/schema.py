"""LINE's OpenAPI documents turned into JSON Schema, compiled once, when first needed.

OpenAPI 3.0 says "one of these, by `type`" with a discriminator that points back at
its children; JSON Schema says it with if/then. Each child is flattened with what it
inherits, so that an unknown property of a Flex component can be named, as LINE does.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml
from jsonschema import Draft202012Validator, ValidationError

from apps.simulator.platform.answers import Problem

FOLDER = Path(__file__).resolve().parent.parent / "openapi"
REF = "#/components/schemas/"
Schema = dict[str, Any]


def problems(name: str, body: object, document: str = "messaging-api") -> list[Problem]:
    """Return what is wrong with the body, by the schema of that name."""
    errors = validator(name, document).iter_errors(body)
    found = {_problem(error): None for error in errors}
    return sorted(found, key=lambda problem: problem.property)


@cache
def validator(name: str, document: str = "messaging-api") -> Draft202012Validator:
    """Return the validator of one schema of a document."""
    schema = {"$ref": f"#/$defs/{name}", "$defs": definitions(document)}
    return Draft202012Validator(schema)


@cache
def definitions(document: str) -> dict[str, Schema]:
    """Return every schema of the document as JSON Schema."""
    text = (FOLDER / f"{document}.yml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    schemas = yaml.load(text, loader)["components"]["schemas"]  # noqa: S506 (it is safe)
    return {name: _definition(name, schemas) for name in schemas}


def _definition(name: str, schemas: dict[str, Schema]) -> Schema:
    schema = _flat(name, schemas)
    if "discriminator" in schemas[name]:
        return _by_type(schemas[name], schema)
    if name.startswith("Flex") and "properties" in schema:
        schema["additionalProperties"] = False
    return schema


def _by_type(source: Schema, base: Schema) -> Schema:
    """Choose the child by its `type`; an unknown type is refused with the list."""
    key = source["discriminator"]["propertyName"]
    mapping = source["discriminator"]["mapping"]
    return {
        "type": "object",
        "required": [key],
        "properties": {
            **base.get("properties", {}),
            key: {"type": "string", "enum": sorted(mapping)},
        },
        "allOf": [
            {
                "if": {"properties": {key: {"const": value}}, "required": [key]},
                "then": {"$ref": _ref(target)},
            }
            for value, target in mapping.items()
        ],
    }


def _flat(name: str, schemas: dict[str, Schema]) -> Schema:
    """Return the schema with what it inherits by `allOf` merged into it."""
    source = schemas[name]
    merged: Schema = {}
    for part in source.get("allOf", []):
        inherited = (
            _flat(part["$ref"].removeprefix(REF), schemas)
            if "$ref" in part
            else _converted(part)
        )
        _merge(merged, inherited)
    own = {key: value for key, value in source.items() if key != "allOf"}
    _merge(merged, _converted(own))
    return merged


def _merge(into: Schema, more: Schema) -> None:
    for key, value in more.items():
        if key == "properties":
            into[key] = {**into.get(key, {}), **value}
        elif key == "required":
            into[key] = sorted({*into.get(key, []), *value})
        else:
            into[key] = value


def _converted(node: Any) -> Any:
    """Return a piece of OpenAPI schema as JSON Schema."""
    if isinstance(node, list):
        return [_converted(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return {"$ref": _ref(node["$ref"])}
    dropped = {"discriminator", "nullable", "description", "example", "externalDocs"}
    kept = {key: _converted(value) for key, value in node.items() if key not in dropped}
    properties = node.get("properties")
    if isinstance(properties, dict):
        kept["properties"] = {key: _converted(v) for key, v in properties.items()}
    if node.get("nullable") is True and isinstance(kept.get("type"), str):
        kept["type"] = [kept["type"], "null"]
    return kept


def _ref(target: str) -> str:
    return f"#/$defs/{target.removeprefix(REF)}"


def _problem(error: ValidationError) -> Problem:
    where = path_of(list(error.absolute_path))
    if error.validator == "required":
        missing = next(_missing(error))
        return Problem("May not be empty", f"{where}.{missing}" if where else missing)
    if error.validator == "additionalProperties":
        return Problem("unknown field", where)
    return Problem(_wording(error), where)


def _missing(error: ValidationError) -> Iterator[str]:
    required = cast("list[str]", error.validator_value)
    return (name for name in required if f"'{name}'" in error.message)


def _wording(error: ValidationError) -> str:
    schema = error.schema if isinstance(error.schema, dict) else {}
    match error.validator:
        case "enum" | "const":
            values = ", ".join(map(str, schema.get("enum", [])))
            return f"Must be one of the following values: [{values}]"
        case "minItems" | "maxItems":
            low, high = schema.get("minItems", 0), schema.get("maxItems", "unlimited")
            return f"Size must be between {low} and {high}"
        case "minLength" | "maxLength":
            low, high = schema.get("minLength", 0), schema.get("maxLength", "unlimited")
            return f"Length must be between {low} and {high}"
        case "type":
            return f"Must be of type {error.validator_value}"
        case _:
            return "Invalid value"


def path_of(parts: list[str | int]) -> str:
    """Return the place in a body as LINE writes it: `messages[0].text`."""
    path = ""
    for part in parts:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.removeprefix(".")
