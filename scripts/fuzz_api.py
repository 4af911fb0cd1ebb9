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

#: A stream without an end, an address that starts processes, and two that ask the real sites.
LEFT_OUT = "^/api/(events|drill|watches/preview|watches/.*/check)"


async def fuzz(folder: Path, examples: int) -> int:
    await asyncio.to_thread(venv.create, folder / "venv", with_pip=True)
    tool = folder / "venv" / "bin"
    install = await asyncio.create_subprocess_exec(tool / "pip", "install", "--quiet", "schemathesis")
    if await install.wait():
        return 1
    setattr(Budget, "take", lambda _self, _client: True)  # noqa: B010 - a flood is wanted here
    async with running_dashboard(folder) as dashboard:
        await watching(dashboard, {"1001": {"name": "Alpha"}})
        await seen(dashboard, "1001", IN)
        process = await asyncio.create_subprocess_exec(
            tool / "schemathesis",
            "run",
            f"{dashboard.url}/openapi.json",
            "--exclude-path-regex",
            LEFT_OUT,
            "--exclude-checks",
            "positive_data_acceptance",
            "--max-examples",
            str(examples),
            "--no-color",
        )
        return await process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--examples", type=int, default=50, help="of each operation")
    options = parser.parse_args()
    with TemporaryDirectory() as name:
        sys.exit(asyncio.run(fuzz(Path(name), options.examples)))


if __name__ == "__main__":
    main()
