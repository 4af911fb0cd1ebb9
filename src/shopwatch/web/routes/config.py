"""The configuration: read with secrets masked, previewed, saved with a backup, rolled back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from shopwatch.bootstrap.core import Core
from shopwatch.bootstrap.usable import channels_of
from shopwatch.config import documents
from shopwatch.config.files import FILES, ConfigFolder, FileName, fingerprint_of
from shopwatch.config.masking import masked, unmasked
from shopwatch.config.preview import differences, implied_rates
from shopwatch.config.problems import InvalidSettings
from shopwatch.config.retailer_settings import ProxySettings, RetailersFile
from shopwatch.config.schema import schema_of
from shopwatch.config.section import Section
from shopwatch.config.settings import Settings, ShopwatchFile
from shopwatch.domain.errors import Conflict, Invalid, NotFound
from shopwatch.retailers.registry import RETAILERS
from shopwatch.web.answer import Json
from shopwatch.web.errors import RESPONSES
from shopwatch.web.openapi import answers, sent_as
from shopwatch.web.services import Given, Services
from shopwatch.web.shapes.operating import (
    BackupPage,
    ConfigDocument,
    ConfigPreview,
    Differences,
    RolledBack,
    SavedConfig,
)

router = APIRouter(prefix="/api/config", tags=["configuration"], responses=RESPONSES)


class ConfigBody(Section):
    """The mission's ``retailers.yaml`` (proxy, defaults, retailers), or one file: document or text.

    With all three of the mission's sections it is the whole file; with fewer, what it does not name stays.
    What GET answered can be sent back, edited: refused if a file has changed since.
    """

    model_config = sent_as(retailers={"verizon": {"min_delay": 2.5}})
    proxy: dict[str, Any] | None = None
    defaults: dict[str, Any] | None = None
    retailers: dict[str, Any] | None = None
    file: FileName | None = None
    document: dict[str, Any] | None = None
    text: str | None = None
    expected: str | None = None  #: fingerprint of the file the change began with
    shopwatch: dict[str, Any] | None = None
    texts: dict[str, str] | None = None
    fingerprints: dict[str, str] | None = None
    schemas: dict[str, Any] | None = None
    products_file: str | None = None
    notes: list[str] | None = None

    def began_with(self, name: FileName) -> str | None:
        return self.expected or (self.fingerprints or {}).get(name)


class RollbackBody(Section):
    model_config = sent_as(backup="retailers.yaml.backup.20260117_044500")

    backup: str


@router.get("", responses=answers(ConfigDocument))
async def read(services: Given) -> Json:
    """Both files as documents and as text, secrets masked, with the fingerprints a save may name."""
    document = await asyncio.to_thread(_read, services.core.folder)
    active = services.core.loaded
    return Json({**document, "products_file": active.products_file, "notes": list(active.notes)})


def _read(folder: ConfigFolder) -> dict[str, Any]:
    texts = {name: folder.text(name) for name in FILES}
    shown = {name: _shown(name, text) for name, text in texts.items()}
    retailers = shown["retailers.yaml"][0]
    return {
        "proxy": {**ProxySettings().model_dump(), **(retailers.get("proxy") or {})},
        "defaults": retailers.get("defaults") or {},
        "retailers": retailers.get("retailers") or {},
        "shopwatch": shown["shopwatch.yaml"][0],
        "texts": {name: text for name, (_, text) in shown.items()},
        "fingerprints": {name: fingerprint_of(text) for name, text in texts.items()},
        "schemas": {name: schema_of(name, folder.shops) for name in FILES},
    }


@lru_cache(maxsize=4)
def _shown(name: FileName, text: str) -> tuple[dict[str, Any], str]:
    """A file's document and text, secrets masked; a text that is not YAML has no document.

    Remembered by the text: a list of 1,000 products takes a second to read.
    """
    try:
        document = documents.read(text, file=name)
    except InvalidSettings:
        return {}, _UNREADABLE
    if not isinstance(document, dict):
        return {}, text
    plain = json.loads(json.dumps(document, default=str))
    hidden = masked(plain)
    return hidden, text if hidden == plain else documents.merged(text, hidden)


#: A text that cannot be read cannot be masked either, so it is not shown.
_UNREADABLE = (
    "# This file is not YAML and may hold secrets: mend it with an editor, or roll back to a backup.\n"
)


@router.post("", responses=answers(SavedConfig))
async def save(body: ConfigBody, services: Given) -> Response:
    """Validate, back up, replace; 422 lists every problem and nothing is written."""

    def saving() -> dict[str, Any]:
        core = services.core
        with core.folder.changing():
            name, text = _wanted(core.folder, body)
            _check_channels(core, core.folder.validate(name, text))
            backup = core.folder.save_text(name, text, now=core.clock.now(), expected=body.began_with(name))
        return {
            "status": "updated",
            "message": "Configuration saved successfully",
            "backup_file": str(backup) if backup else None,
            "fingerprint": core.folder.fingerprint(name),
        }

    return await _or_problems(saving)


@router.post("/preview", responses=answers(ConfigPreview))
async def preview(body: ConfigBody, services: Given) -> Response:
    """What would change and the request rate it implies; nothing is saved."""

    def looking() -> dict[str, Any]:
        folder = services.core.folder
        name, text = _wanted(folder, body)
        after = folder.validate(name, text)
        _check_channels(services.core, after)
        before = _valid_or_empty(folder, name)
        said = [
            {"path": one.path, "before": one.before, "after": one.after} for one in differences(before, after)
        ]
        return {"status": "ok", "differences": said, "rates": _rates(services, after)}

    return await _or_problems(looking)


@router.get("/backups", responses=answers(BackupPage))
async def backups(services: Given) -> Json:
    """Newest first, the last five of each file."""
    folder = services.core.folder
    found = [(name, path) for name in FILES for path in folder.backups(name)]
    rows = [
        {"name": path.name, "file": name, "bytes": path.stat().st_size, "saved_at": _saved_at(path.name)}
        for name, path in found
    ]
    return Json({"backups": sorted(rows, key=lambda row: str(row["saved_at"]), reverse=True)})


@router.get("/backups/{backup}/diff", responses=answers(Differences))
async def diff(backup: str, services: Given) -> Response:
    """What the present file says differently from a backup."""

    def looking() -> dict[str, Any]:
        folder = services.core.folder
        name = next((name for name in FILES if backup.startswith(name)), None)
        if name is None:
            raise NotFound(f"there is no backup {backup[:80]!r}")
        before = folder.validate(name, folder.backup_text(backup))
        after = folder.validate(name, folder.text(name))
        return {
            "differences": [
                {"path": one.path, "before": one.before, "after": one.after}
                for one in differences(before, after)
            ]
        }

    return await _or_problems(looking)


@router.post("/rollback", responses=answers(RolledBack))
async def rollback(body: RollbackBody, services: Given) -> Response:
    """Make a backup the file again, byte for byte."""

    def rolling() -> dict[str, Any]:
        name = services.core.folder.roll_back(body.backup, now=services.core.clock.now())
        return {"status": "rolled_back", "file": name, "message": f"{name} is {body.backup} again"}

    return await _or_problems(rolling)


def _wanted(folder: ConfigFolder, body: ConfigBody) -> tuple[FileName, str]:
    """Which file is meant, and its wanted text, secrets put back where a mask stood for them."""
    name: FileName = body.file or "retailers.yaml"
    current = folder.document(name)
    if body.text is not None:
        edited = documents.read(body.text, file=name)
        if not isinstance(edited, dict):
            return name, body.text
        return name, documents.merged(body.text, unmasked(edited, current))
    document = body.document if body.document is not None else _of_sections(folder, body, current)
    return name, documents.merged(folder.text(name), unmasked(document, current))


def _of_sections(folder: ConfigFolder, body: ConfigBody, current: Mapping[str, Any]) -> dict[str, Any]:
    """The mission's document: whole, or the changes to what is there."""
    given = {"proxy": body.proxy, "defaults": body.defaults, "retailers": body.retailers}
    named = {key: value for key, value in given.items() if value is not None}
    if not named or body.file == "shopwatch.yaml":
        raise Invalid("send retailers (with proxy and defaults), or file with document or text")
    beside = {"shopwatch": body.shopwatch, "texts": body.texts}
    if any(value is not None for value in beside.values()):
        there = _read(folder)
        if body.fingerprints and body.fingerprints != there["fingerprints"]:
            raise Conflict("the configuration has changed since it was read: read it again")
        for key in (key for key, value in beside.items() if value not in (None, there[key])):
            raise Invalid(f"{key} is not saved with retailers: send file with document or text")
    return named if len(named) == len(given) else _joined(current, named)


def _joined(current: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    pairs = ((key, current.get(key), value) for key, value in change.items())
    return {**current} | {
        key: _joined(old, new) if isinstance(old, Mapping) and isinstance(new, Mapping) else new
        for key, old, new in pairs
    }


def _valid_or_empty(folder: ConfigFolder, name: FileName) -> Section:
    try:
        return folder.validate(name, folder.text(name))
    except InvalidSettings:
        return FILES[name]()


def _rates(services: Services, after: Section) -> list[dict[str, Any]]:
    core = services.core
    settings = Settings(
        shopwatch=after if isinstance(after, ShopwatchFile) else core.settings.shopwatch,
        retailers=after if isinstance(after, RetailersFile) else core.settings.retailers,
    )
    stock = {name: retailer.stock for name, retailer in RETAILERS.items() if retailer.stock}
    rates = implied_rates(
        settings.shopwatch,
        settings,
        batch_sizes={name: one.batch_size for name, one in stock.items()},
        ceilings={name: one.requests_per_second for name, one in stock.items()},
    )
    return [
        {
            "retailer": rate.retailer,
            "watches": rate.watches,
            "requests_per_second": rate.requests_per_second,
            "allowed_per_second": rate.allowed_per_second,
            "peak_per_second": rate.peak_per_second,
            "stretch": rate.stretch,
        }
        for rate in rates
    ]


def _saved_at(name: str) -> str:
    day, time = name.split(".backup.")[1].split("_")[:2]
    return f"{day[:4]}-{day[4:6]}-{day[6:8]}T{time[:2]}:{time[2:4]}:{time[4:6]}Z"


def _check_channels(core: Core, wanted: Section) -> None:
    """The monitor would refuse a channel nobody knows; asked only at a change, as Apprise loads slowly."""
    if (
        isinstance(wanted, ShopwatchFile)
        and wanted.notify.channels != core.settings.shopwatch.notify.channels
    ):
        channels_of(wanted.notify)


async def _or_problems(work: Callable[[], Mapping[str, Any]]) -> Response:
    """Run ``work`` off the loop; an unusable document is answered with each problem and its line."""
    try:
        return Json(await asyncio.to_thread(work))
    except InvalidSettings as error:
        texts = [problem.text for problem in error.details]
        problems = [{"path": one.path, "message": one.message, "line": one.line} for one in error.details]
        is_yaml = any(problem.path == "the document" for problem in error.details)
        body = {
            "status": "error",
            "message": "Invalid YAML structure" if is_yaml else "The configuration is not valid",
            "errors": texts,
            "problems": problems,
        }
        return JSONResponse(body, status_code=422)
