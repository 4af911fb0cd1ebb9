"""Loads the one service an address names; without it all 130 of Apprise's stay in memory for one."""

from __future__ import annotations

import re
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import apprise
import apprise.plugins

_MANAGER: Any = apprise.plugins.N_MGR  # Apprise types it only in part
_FOLDER = Path(apprise.__file__).parent / "plugins"
_PACKAGE = "apprise.plugins"
#: Where a class of Apprise says which schemes are its own: a text, or several in brackets.
_SAID = re.compile(
    r"^    (?:secure_)?protocol(?:\s*:[^=\n]+)?\s*=\s*(\([^)]*\)|[\"'][^\"'\n]+[\"'])", re.MULTILINE
)
_TEXT = re.compile(r"[\"']([^\"'\n]+)[\"']")


def service_of(address: str) -> apprise.NotifyBase | None:
    """What sends to this address; ``None`` when Apprise knows no such service or cannot read the rest."""
    scheme = address.partition("://")[0].strip().lower()
    _load(modules().get(scheme, frozenset()))
    if scheme not in _MANAGER:
        # Not found by its text, or a web address of the service's own: Apprise looks through everything.
        _MANAGER.unload_modules()  # forgets the list only; else each module known already is a warning
        _MANAGER.load_modules()
    service = apprise.Apprise.instantiate(address, suppress_exceptions=True)
    return service if isinstance(service, apprise.NotifyBase) else None


def why_not(address: str) -> str:
    """Why ``service_of`` found nothing that could send there, in words that repeat nothing secret."""
    scheme, is_address, _ = address.partition("://")
    if not is_address:
        return "an address begins with its service, as discord://…"
    name = scheme.strip().lower()[:20]
    if name in _MANAGER:
        return f"what {name}:// needs is missing or wrong: its form is at github.com/caronc/apprise/wiki"
    return f"Apprise has no service {name}://: its list is at github.com/caronc/apprise"


@lru_cache(maxsize=1)
def modules() -> dict[str, frozenset[str]]:
    """The modules of Apprise by the schemes that their text says they serve; none of them is loaded."""
    found: dict[str, frozenset[str]] = {}
    for file in _FOLDER.rglob("*.py"):
        name = file.relative_to(_FOLDER).parts[0].removesuffix(".py")
        for said in _SAID.findall(file.read_text("utf-8")):
            for scheme in _TEXT.findall(said):
                found[scheme] = found.get(scheme, frozenset()) | {name}
    return found


def _load(names: frozenset[str]) -> None:
    """Let Apprise load these of its own modules only: it loads what it finds named in a folder."""
    missing = [name for name in names if f"{_PACKAGE}.{name}" not in sys.modules]
    if _MANAGER and not missing:
        return
    with tempfile.TemporaryDirectory() as folder:
        for name in missing:
            (Path(folder) / f"{name}.py").touch()
        _MANAGER.load_modules(path=folder, name=_PACKAGE)
