"""Let Schemathesis loose on the HTTP API: ``python scripts/fuzz_api.py [--examples 50]``.

It brings thirty packages of its own, so it gets a virtual environment that is thrown away; the suite holds
the addresses to the same document in a bounded form (``tests/web/test_contract.py``). A schema cannot say
that a SKU must be one, so refusing what only looks right is no failure here; everything else it checks is.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import venv
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.dashboard_fixture import running_dashboard
from tests.web.watching import IN, seen, watching

from shopwatch.web.security import Budget

#: A stream without an end, an address that starts processes, and three that ask the real sites.
LEFT_OUT = "^/api/(events|drill|watches/preview|watches/.*/(check|near))"


async def installed(folder: Path) -> Path | None:
    """Schemathesis in an environment of its own; nothing if it could not be fetched."""
    await asyncio.to_thread(venv.create, folder, with_pip=True)
    install = await asyncio.create_subprocess_exec(
        folder / "bin" / "pip", "install", "--quiet", "schemathesis"
    )
    return None if await install.wait() else folder / "bin" / "schemathesis"


async def fuzz(folder: Path, examples: int, tool: Path) -> int:
    setattr(Budget, "take", lambda _self, _client: True)  # noqa: B010 - a flood is wanted here
    async with running_dashboard(folder) as dashboard:
        await watching(dashboard, {"1001": {"name": "Alpha"}})
        await seen(dashboard, "1001", IN)
        process = await asyncio.create_subprocess_exec(
            tool,
            "run",
            f"{dashboard.url}/openapi.json",
            "--exclude-path-regex",
            LEFT_OUT,
            "--exclude-checks",
            "positive_data_acceptance",
            "--max-examples",
            str(examples),
            "--no-color",
            cwd=folder,  # it keeps a record of its runs beside itself
        )
        return await process.wait()


async def run(folder: Path, options: argparse.Namespace) -> int:
    tool = options.tool or await installed(folder / "venv")
    return await fuzz(folder, options.examples, tool) if tool else 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--examples", type=int, default=50, help="of each operation")
    parser.add_argument("--tool", type=Path, help="a Schemathesis that is installed already")
    options = parser.parse_args()
    with TemporaryDirectory() as name:
        sys.exit(asyncio.run(run(Path(name), options)))


if __name__ == "__main__":
    main()
