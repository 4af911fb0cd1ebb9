"""The OpenAPI document: answers by their types, an example of each, one shape of errors.

The types are read when somebody asks for the document, not for every start: no answer is checked against them
while it is sent, the tests do that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import ConfigDict
from pydantic.config import JsonDict

from shopwatch.web import errors

_ABOUT = "Stock watching and store directories. A write carries JSON; every error has one shape."
_REF = "#/components/schemas/"
_DEPTH = 8
_SIMPLE: Mapping[str, Any] = {"boolean": True, "integer": 1, "number": 1.0, "string": "text", "null": None}

_answers: dict[str, type] = {}


def answers(
    *shapes: type, status: int = 200, about: str = "", files: tuple[str, ...] = ()
) -> dict[int | str, dict[str, Any]]:
    """For ``responses=`` of a route that answers one of ``shapes``, or a file of one of some media types."""
    _answers.update({shape.__name__: shape for shape in shapes})
    references: list[dict[str, Any]] = [{"$ref": _REF + shape.__name__} for shape in shapes]
    schema = references[0] if len(references) == 1 else {"anyOf": references}
    content: dict[str, Any] = {"application/json": {"schema": schema}}
    content |= {name: {"schema": {"type": "string", "format": "binary"}} for name in files}
    text = about or (shapes[0].__doc__ or "").partition("\n")[0].strip() or "done"
    return {status: {"description": text, "content": content}}


def sent_as(**example: object) -> ConfigDict:
    """For ``model_config`` of a body: an example of it."""
    return ConfigDict(json_schema_extra={"examples": [cast(JsonDict, example)]})


def document_of(app: FastAPI) -> dict[str, Any]:
    """The whole document, made once."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, description=_ABOUT, routes=app.routes)
        errors.describe(document)
        _, shapes = msgspec.json.schema_components(
            [_answers[name] for name in sorted(_answers)], ref_template=_REF + "{name}"
        )
        schemas = document["components"]["schemas"]
        schemas = document["components"]["schemas"] = _widely_read({**schemas, **shapes})
        for methods in document["paths"].values():
            for operation in methods.values():
                _exemplify(operation, schemas)
        app.openapi_schema = document
    return app.openapi_schema


def _widely_read(schema: Any) -> Any:
    """A tuple as a list of so many of any of its parts: half of the tools cannot read ``prefixItems``."""
    if isinstance(schema, list):
        return [_widely_read(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    read = {name: _widely_read(one) for name, one in schema.items()}
    if parts := read.pop("prefixItems", None):
        read["items"] = {"anyOf": parts}
        read["examples"] = [[example_of(one, {}) for one in parts]]
    return read


def _exemplify(operation: dict[str, Any], schemas: Mapping[str, Any]) -> None:
    """Give every JSON body, asked or answered, an example."""
    contents = [one.get("content", {}) for one in operation["responses"].values()]
    contents.append(operation.get("requestBody", {}).get("content", {}))
    for content in contents:
        part = content.get("application/json")
        if part and "schema" in part and "example" not in part:
            part["example"] = example_of(part["schema"], schemas)


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int = 0) -> Any:
    """A value that fits ``schema``, made of the examples its parts have."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].removeprefix(_REF)], schemas, depth + 1)
    for name in ("examples", "enum"):
        if schema.get(name):
            return schema[name][0]
    for name in ("const", "default"):
        if name in schema:
            return schema[name]
    for name in ("anyOf", "oneOf", "allOf"):
        if schema.get(name):
            return example_of(_fullest(schema[name]), schemas, depth)
    return _of_type(schema, schemas, depth)


def _fullest(choices: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    return next((one for one in choices if one.get("type") != "null"), choices[0])


def _of_type(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int) -> Any:
    kind = schema.get("type")
    if depth > _DEPTH:
        return None
    if kind == "object":
        parts = schema.get("properties", {})
        return {name: example_of(part, schemas, depth + 1) for name, part in parts.items()}
    if kind == "array":
        return _of_array(schema, schemas, depth)
    return _SIMPLE.get(str(kind))


def _of_array(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int) -> list[Any]:
    items = schema.get("items") or {}
    if not items:
        return []
    return [example_of(items, schemas, depth + 1)] * max(1, int(schema.get("minItems", 1)))
