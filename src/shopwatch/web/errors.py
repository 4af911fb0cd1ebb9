"""One shape for every error: ``{"status": "error", "message": …, "errors": […]}``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from shopwatch.config.problems import InvalidSettings, Problem, problem_of
from shopwatch.domain.errors import Conflict, Invalid, NotFound, RetailerError, ShopwatchError, Unusable
from shopwatch.web.headers import protecting

_STATUS: tuple[tuple[type[ShopwatchError], int], ...] = (
    (NotFound, 404),
    (Conflict, 409),
    (RetailerError, 502),
    (Unusable, 503),
    (Invalid, 422),
)
_METHOD_NOT_ALLOWED = 405
log = structlog.get_logger()


class ProblemBody(BaseModel):
    """One wrong value: where it stands, so that a form can show it at its field."""

    path: str
    message: str
    line: int | None = None


class ErrorBody(BaseModel):
    """What every error answers with."""

    status: str = "error"
    message: str
    errors: list[str] = []
    problems: list[ProblemBody] = []  #: of settings only


class BadRequest(Invalid):
    """Input that names something that cannot exist, such as an unknown retailer: 400."""


_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}}
_ABOUT = {
    400: "it is not JSON, or names no retailer of ours",
    401: "a token is needed",
    403: "another site asked",
    404: "there is no such thing",
    405: "another method: the header Allow names those there are",
    409: "not in the present state",
    413: "too large",
    415: "not JSON",
    422: "wrong values, each listed",
    429: "too many requests at once",
    502: "the retailer's site did not give it",
    503: "this machine cannot do it now",
}
#: For ``responses=`` of the routes. A reference, not a model: FastAPI would build it anew for each route.
RESPONSES: dict[int | str, dict[str, object]] = {
    code: {"description": about, "content": _ERROR} for code, about in _ABOUT.items()
}


def describe(document: dict[str, Any]) -> None:
    """Put the shape of errors into an OpenAPI document."""
    schema = ErrorBody.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas |= {**schema.pop("$defs", {}), "ErrorBody": schema}


def answer(
    status: int, message: str, errors: Sequence[str] = (), problems: Sequence[Problem] = ()
) -> JSONResponse:
    body: dict[str, object] = {"status": "error", "message": message, "errors": list(errors)}
    if problems:
        body["problems"] = [{"path": one.path, "message": one.message, "line": one.line} for one in problems]
    return JSONResponse(body, status_code=status)


def install(app: FastAPI) -> None:
    """Make the application answer every error in our shape. A bug stays a logged 500."""
    app.add_exception_handler(ShopwatchError, _expected)
    app.add_exception_handler(RequestValidationError, _invalid_body)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _bug)


async def _expected(_request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, BadRequest):
        return answer(400, str(error), error.problems)
    if isinstance(error, InvalidSettings):
        texts = [problem.text for problem in error.details]
        message = "the configuration is not valid" if len(texts) > 1 else texts[0]
        return answer(422, message, texts, error.details)
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
    problems = list(error.problems) if isinstance(error, Invalid) else [str(error)]
    return answer(status, str(error), problems)


async def _invalid_body(_request: Request, error: Exception) -> JSONResponse:
    items = error.errors() if isinstance(error, RequestValidationError) else []
    if any(item["type"] == "json_invalid" for item in items):
        return answer(400, "the body is not JSON", ["the body is not JSON"])
    problems = [problem_of({**item, "loc": item["loc"][1:] or ("the body",)}) for item in items]
    texts = [problem.text for problem in problems]
    return answer(422, "; ".join(texts) or "the request is not valid", texts, problems)


async def _http(request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    message = str(error.detail) if isinstance(error, HTTPException) else "error"
    said = answer(status, message, [message])
    if isinstance(error, HTTPException) and error.headers:
        said.headers.update(error.headers)
    if status == _METHOD_NOT_ALLOWED and (methods := _methods_at(request)):
        said.headers["Allow"] = ", ".join(methods)
    return said


def _methods_at(request: Request) -> list[str]:
    """All methods of this address; the router would name those of the first route that fits."""
    paths: dict[str, dict[str, object]] = request.app.openapi()["paths"]
    fitting = [path for path in paths if compile_path(path)[0].match(request.url.path)]
    exact = min(fitting, key=lambda path: path.count("{"), default=None)
    methods = {name.upper() for name in paths.get(exact or "", {})}
    return sorted(methods | ({"HEAD"} if "GET" in methods else set()))


async def _bug(request: Request, error: Exception) -> JSONResponse:
    log.error("request_failed", method=request.method, path=request.url.path, kind=type(error).__name__)
    said = answer(500, "something is wrong in Shopwatch itself; its log says what")
    said.headers.update(protecting())  # it leaves outside of what guards the other answers
    return said
