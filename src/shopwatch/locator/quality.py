"""What is missing, malformed or suspicious in the stores of a run, as people and programs read it."""

from __future__ import annotations

from typing import Any

from shopwatch.domain.store_check import Fault, StoreCheck, check_stores
from shopwatch.ports import Runs


async def quality_of(runs: Runs, run_id: str) -> dict[str, Any]:
    """The counts of every field over the stores that a run has read by now."""
    return quality_document(check_stores([store async for store in runs.stores(run_id)]))


def quality_document(check: StoreCheck) -> dict[str, Any]:
    """``{"stores", "duplicates", "fields": {name: {"missing", "malformed", "suspicious", "examples"}}}``."""
    return {
        "stores": check.stores,
        "duplicates": check.duplicates,
        "fields": {
            name: {
                "missing": count.missing,
                "malformed": count.malformed,
                "suspicious": count.suspicious,
                "examples": _examples(check, name),
            }
            for name, count in check.fields.items()
        },
    }


def _examples(check: StoreCheck, name: str) -> list[str]:
    """The first store of each fault but a plain lack."""
    keys = [f"{name} {fault}" for fault in (Fault.MALFORMED, Fault.SUSPICIOUS)]
    return [check.examples[key] for key in keys if key in check.examples]
