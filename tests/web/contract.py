"""The OpenAPI document as something to hold the dashboard to: what may be sent, and what may come back."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from tests.dashboard_fixture import Reply

_HERE = "urn:shopwatch"
#: What no route may stumble over, wherever a text is taken.
STRANGE = (
    "", "0", "-1", "null", "9" * 30, "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%00", "a" * 300, "\u202e",
    "<script>alert(1)</script>", "' OR 1=1 --", "{{7*7}}", "\U0001f600", "1e999", "NaN", "target:1", "--help",
)  # fmt: skip
BODIES: tuple[Any, ...] = (
    None,
    [],
    {},
    "text",
    1.5,
    {"colour": 1},
    {"retailer": []},
    [[]],
    {"keys": [["a"]]},
    {"text": 1},
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    method: str
    path: str
    document: Mapping[str, Any]

    @property
    def parameters(self) -> list[Mapping[str, Any]]:
        return list(self.document.get("parameters", []))

    @property
    def takes_a_body(self) -> bool:
        return "requestBody" in self.document

    def address(self, values: Mapping[str, str]) -> str:
        """The path with its parameters filled in, one that is left out by its own example or a number."""
        path = self.path
        for one in self.parameters:
            if one["in"] == "path":
                path = path.replace(f"{{{one['name']}}}", values.get(one["name"], "17"))
        return path


class Contract:
    """What was promised, and whether an answer keeps it; no answer may hold what is not promised."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        closed = json.loads(json.dumps(document["components"]))
        for schema in closed["schemas"].values():
            if "properties" in schema:
                schema["additionalProperties"] = False
        resource = DRAFT202012.create_resource({"components": closed})
        self._known = Registry[Any]().with_resource(_HERE, resource).crawl()
        self.operations = [
            Operation(method.upper(), path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        ]

    def breach(self, operation: Operation, reply: Reply) -> str | None:
        """What of an answer is not as the document says; ``None``: all is."""
        described = operation.document["responses"].get(str(reply.status))
        if described is None:
            return f"{reply.status} is not documented"
        if not reply.text:
            return None
        kind = reply.headers["Content-Type"].split(";")[0]
        content = described.get("content", {}).get(kind)
        if content is None:
            return f"{kind} is not documented for {reply.status}"
        if kind != "application/json":
            return None
        return self.misfit(reply.json, content["schema"])

    def misfit(self, value: object, schema: Mapping[str, Any]) -> str | None:
        placed = json.loads(json.dumps(schema).replace('"#/', f'"{_HERE}#/'))
        errors = Draft202012Validator(placed, registry=self._known).iter_errors(value)
        error = next(errors, None)
        return error and f"{error.json_path}: {error.message[:200]}"


def strange_requests(
    operation: Operation, chance: random.Random, count: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Addresses and arguments that are wrong in many ways."""
    for _ in range(count):
        values = {one["name"]: chance.choice(STRANGE) or "x" for one in operation.parameters}
        query = {
            one["name"]: values[one["name"]]
            for one in operation.parameters
            if one["in"] == "query" and chance.random() < 0.5
        }
        path = operation.address({name: value.replace("%", "%25") for name, value in values.items()})
        arguments: dict[str, Any] = {"params": query}
        if operation.takes_a_body:
            arguments["json"] = chance.choice(BODIES)
        yield path.replace("#", "").replace("?", ""), arguments
