"""JSON Schemas of both files, so that an editor completes and checks them while they are written."""

from __future__ import annotations

from typing import Any

from shopwatch.config.files import FILES, FileName
from shopwatch.config.shops import Shops


def schema_of(name: FileName, shops: Shops | None) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a file; titles and descriptions come from the sections' docstrings."""
    schema = FILES[name].model_json_schema()
    if shops is None:
        pass
    elif name == "shopwatch.yaml":
        schema["$defs"]["ProductSettings"]["properties"]["retailer"]["enum"] = sorted(shops.stock)
    else:
        schema["properties"]["retailers"]["propertyNames"] = {"enum": sorted(shops.all)}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"shopwatch:{name}", **schema}
