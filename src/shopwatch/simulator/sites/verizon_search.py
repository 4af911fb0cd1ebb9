"""Verizon's search by coordinates: what its own page has asked since June 2026, cut at 2,500 stores."""

from __future__ import annotations

from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from shopwatch.simulator.site import fault_of
from shopwatch.simulator.sites.store_pages import JSON, json_answer, lost_field
from shopwatch.simulator.sites.verizon_pages import hours_by_day, location_code, opening_date
from shopwatch.simulator.stores import Store, StoreSet
from shopwatch.simulator.stores.model import without
from shopwatch.simulator.world import World

#: No answer has more, whatever is asked for
CEILING = 2500
#: What it keeps of the name of a dealer. Characters.
DEALER_CUT = 50
_STATUS = {"open": "Open", "closed": "Closed", "coming": "Coming Soon"}


class Query(msgspec.Struct):
    """What the page sends; it sends more, which changes nothing."""

    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    range: float = 20.0  #: miles
    noOfStores: int = 25  # noqa: N815 - the site's word
    excludeIndirect: bool = False  # noqa: N815
    retrieveBy: str = "GEO"  # noqa: N815


class Search:
    """The API, with the records it has written so far: all but the distance stays the same."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._kept: dict[str, tuple[Store, bytes]] = {}

    async def results(self, request: Request) -> Response:
        """Give the stores around a point, nearest first."""
        try:
            query = msgspec.json.decode(await request.body(), type=Query)
        except msgspec.MsgspecError as error:
            return json_answer({"error": {"code": "400", "message": f"Bad request: {error}"}}, 400)
        stores: StoreSet = self._world.stores["verizon"]
        found = stores.near(query.latitude, query.longitude, limit=len(stores), within_miles=query.range)
        wanted = [pair for pair in found if pair[1].corporate or not query.excludeIndirect]
        limit = max(0, min(query.noOfStores, CEILING))
        lost = lost_field(request, stores) if fault_of(request) == "missing-field" else ""
        rows = [self._row(store, distance, lost) for distance, store in wanted[:limit]]
        return Response(b'{"body":{"data":{"stores":[' + b",".join(rows) + b"]}}}", media_type=JSON)

    def _row(self, store: Store, distance: float, lost: str) -> bytes:
        head = b'{"distance":"%.2f",' % distance
        if lost:
            return head + msgspec.json.encode(record(without(store, lost)))[1:]
        kept = self._kept.get(store.ref)
        if kept is None or kept[0] is not store:
            kept = (store, msgspec.json.encode(record(store))[1:])
            self._kept[store.ref] = kept
        return head + kept[1]


def record(store: Store) -> dict[str, object]:
    """Write one store of the answer, the distance apart."""
    dash = " - " if store.ref.endswith("7") else " "
    times = hours_by_day(store.hours, dash=dash)
    return {
        "storeNumber": store.ref,
        "id": store.extras["retail_id"],
        "storeName": store.name,
        "businessName": store.dealer[:DEALER_CUT],
        "channel": "DIR" if store.corporate else "IND",
        "phoneNumber": store.phone,
        "netaceLocationCode": location_code(store),
        "address1": store.line1,
        "address2": store.line2,
        "city": store.city,
        "state": store.state,
        "zipCode": store.postcode,
        "storeStatus": _STATUS[store.status],
        "storeUrl": store.path,
        "opening_date": opening_date(store),
        **{f"hours{day}": value for day, value in times.items()},
        "location": {"latitude": str(store.lat), "longitude": str(store.lon)}
        if store.lat is not None
        else None,
    }
