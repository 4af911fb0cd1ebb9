"""The published workloads, simulator and policies: read from beside the project, never copied into it."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "scheduling"
MODULES = ("workload", "sim", "policies", "throttle")


class Absent(Exception):
    """The published protocol is not on this machine."""


def module(name: str) -> ModuleType:
    """Return one of the published modules.

    Raises:
        Absent: with the folder it was looked for in.
    """
    if not (FOLDER / f"{name}.py").is_file():
        raise Absent(f"no {name}.py in {FOLDER}")
    if str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))  # its modules import each other by bare name
    return importlib.import_module(name)
