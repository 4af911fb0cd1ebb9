"""Documents of the notebook as files too, for people and their own programs; we never read these back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import msgspec
import structlog

from shopwatch.config.replacing import replacing
from shopwatch.domain.errors import Unusable
from shopwatch.ports import Notebook

log = structlog.get_logger(__name__)


class ExportedNotebook:
    """A ``ports.Notebook`` that lays out some of its documents as JSON files, each replaced whole.

    The notebook is what counts: a file that cannot be written is said once and holds nothing up.
    """

    def __init__(self, notebook: Notebook, files: Mapping[str, Path]) -> None:
        self._notebook = notebook
        self._files = files  #: by the name of the document
        self._failed: set[str] = set()

    async def read(self, name: str) -> Mapping[str, object] | None:
        return await self._notebook.read(name)

    async def write(self, name: str, document: Mapping[str, object]) -> None:
        await self._notebook.write(name, document)
        path = self._files.get(name)
        if path is None:
            return
        try:
            await asyncio.to_thread(_export, path, document)
        except Unusable as error:
            if name not in self._failed:
                log.warning("not_exported", document=name, reason=str(error))
            self._failed.add(name)
        else:
            self._failed.discard(name)


def _export(path: Path, document: Mapping[str, object]) -> None:
    with replacing(path) as stream:
        # Not by ``json``: 50,000 products would hold every other thread of the monitor for 0.2 s.
        stream.write(msgspec.json.encode(document))
        stream.write(b"\n")
