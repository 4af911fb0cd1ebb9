"""Reads the simulated directories the way a spider would, sharing nothing with the code that wrote them."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote

from tests.store_site_harness import Reply, StoreSites, script_value

Keep = Callable[[str], bool]  #: which of the stores' addresses to visit
Span = tuple[int, int]
Week = tuple[tuple[Span, ...], ...]
SHORT = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A store as its page gave it; "" and None where the page says nothing."""

    ref: str
    name: str
    street: str
    city: str
    state: str
    postcode: str
    phone: str  #: digits
    lat: float | None
    lon: float | None
    hours: Week | None
    url: str
    kind: str = ""
    dealer: str = ""
    raw: Any = None


def every(address: str) -> bool:
    return True


def digits(text: str | None) -> str:
    return re.sub(r"\D", "", text or "").removeprefix("1" if (text or "").startswith("+1") else "")


def minutes(text: str) -> int:
    """``"10:00 PM"``, ``"22:00"`` and ``"22:00:00"``."""
    if text.endswith("M"):
        read = datetime.strptime(text, "%I:%M %p")  # noqa: DTZ007 - a time of day
        return read.hour * 60 + read.minute
    hour, minute = text.split(":")[:2]
    return int(hour) * 60 + int(minute)


def span(begin: str, end: str) -> Span:
    return minutes(begin), minutes(end) or 1440


def ld_json(page: str) -> list[Any]:
    return [
        json.loads(text)
        for text in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    ]


# -- Verizon


async def crawl_verizon(sites: StoreSites, keep: Keep = every) -> tuple[dict[str, Seen], list[str]]:
    """States, cities, addresses, stores; also the addresses that served the store of another city."""
    root = (await sites.get("verizon", "/stores/")).text
    states = json.loads(script_value(root, r"var statesJSON = (.*?);</script>"))["states"]
    addresses: list[str] = []
    for state in states:
        page = (await sites.get("verizon", state["url"])).text
        data = json.loads(script_value(page, r"var stateJSON = (.*?);</script>"))
        assert data["state"]["name"] == state["name"]
        for city in data["cities"]:
            page = (await sites.get("verizon", city["url"])).text
            addresses += [row["storeUrl"] for row in city_json(page)["stores"] if keep(row["storeUrl"])]
    found: dict[str, Seen] = {}
    stale: list[str] = []
    for address in addresses:
        reply = await sites.get("verizon", address.replace("/stores/", "/stores/details/", 1))
        assert reply.status == 200, address
        seen = read_verizon(reply)
        if address != seen.url:
            stale.append(address)
        found[seen.ref] = seen
    return found, stale


def city_json(page: str) -> Any:
    return json.loads(script_value(page, r"var cityJSON = (.*?);</script>"))


def read_verizon(reply: Reply) -> Seen:
    raw = json.loads(script_value(reply.text, r"var storeJSON = (.*?);</script>"))
    times = raw["StoreHours"]
    week = tuple(
        () if times[f"{day}Open"] == "Closed" else (span(times[f"{day}Open"], times[f"{day}Close"]),)
        for day in SHORT
        if times
    )
    return Seen(
        ref=raw["storeNumber"],
        name=raw["storeName"],
        street=raw["address"]["streetAddress"],
        city=raw["address"]["addressLocality"],
        state=raw["address"]["addressRegion"],
        postcode=raw["address"]["postalCode"],
        phone=digits(raw.get("telephone")),
        lat=raw["geo"].get("latitude"),
        lon=raw["geo"].get("longitude"),
        hours=week or None,
        url=raw["url"],
        kind=(raw["posStoreDetail"] or {}).get("storeType", ""),
        dealer=(raw["posStoreDetail"] or {}).get("businessName", ""),
        raw=raw,
    )


# -- AT&T


async def crawl_att(sites: StoreSites, keep: Keep = every) -> dict[str, Seen]:
    """Sitemap, then every address that ends in a number."""
    index = await sites.get("att", "/stores/sitemap.xml")
    found = {}
    for child in index.locations:
        for path in (await sites.get("att", child)).locations:
            if path.rsplit("/", 1)[1].isdigit() and keep(path):
                found[path.rsplit("/", 1)[1]] = read_att(await sites.get("att", path), path)
    return found


def read_att(reply: Reply, path: str) -> Seen:
    page = reply.text
    raw = next(item for item in ld_json(page) if item["@type"] == "MobilePhoneStore")
    days = re.search(r"data-days='(.*?)'", page)
    place = re.findall(r'itemprop="(?:latitude|longitude)" content="(.*?)"', page)
    return Seen(
        ref=path.rsplit("/", 1)[1],
        name=" ".join(raw["name"].split()),
        street=raw["address"]["streetAddress"],
        city=raw["address"]["addressLocality"],
        state=raw["address"].get("addressRegion", ""),
        postcode=raw["address"]["postalCode"],
        phone=digits(raw.get("telephone")),
        lat=float(place[0]) if place else None,
        lon=float(place[1]) if place else None,
        hours=yext_week(json.loads(html.unescape(days[1]))) if days else None,
        url=path,
        kind=script_value(page, r"let topDisplayType = ['\"](.*?)['\"];"),
        dealer=script_value(page, r"storeMasterDealer: ['\"](.*?)['\"] "),
        raw=raw,
    )


def yext_week(days: list[Any]) -> Week:
    """Whole numbers: 930 is 9:30, an end of 0 the end of the day."""

    def of(value: int) -> int:
        return value // 100 * 60 + value % 100

    assert [day["day"] for day in days] == [name.upper() for name in NAMES]
    return tuple(
        tuple((of(interval["start"]), of(interval["end"]) or 1440) for interval in day["intervals"])
        for day in days
    )


# -- Target


async def crawl_target(sites: StoreSites, keep: Keep = every) -> dict[str, Seen]:
    """Sitemap, then every page that is there and no test."""
    index = await sites.get("target", "/sitemap_stores-index.xml.gz")
    found = {}
    for child in index.locations:
        for path in filter(keep, (await sites.get("target", child)).locations):
            reply = await sites.get("target", path)
            record = flight_record(reply.text) if reply.status == 200 else None
            if record and not record["is_test_location"]:
                found[record["store_id"]] = read_target(record, path)
    return found


def flight_record(page: str) -> Any:
    """The richest of the records in the flight data."""
    text = "".join(
        json.loads(part) for part in re.findall(r"self\.__next_f\.push\(\[1,(\".*?\")\]\)", page, re.DOTALL)
    )
    start = text.index('"store":{"store":{') + len('"store":{"store":')
    return json.JSONDecoder().raw_decode(text, start)[0]


def read_target(raw: Any, path: str) -> Seen:
    days = raw["rolling_operating_hours"]["main_hours"]["days"]
    by_weekday: dict[int, tuple[Span, ...]] = {}
    for day in days[:7]:
        spans = tuple(span(hour["begin_time"], hour["end_time"]) for hour in day.get("hours", ()))
        by_weekday[date.fromisoformat(day["date"]).weekday()] = spans
    address = raw["mailing_address"]
    return Seen(
        ref=raw["store_id"],
        name=raw["location_name"],
        street=address["address_line1"],
        city=address["city"],
        state=address["region"],
        postcode=address["postal_code"],
        phone=digits(raw.get("main_voice_phone_number")),
        lat=raw["geographic_specifications"].get("latitude"),
        lon=raw["geographic_specifications"].get("longitude"),
        hours=tuple(by_weekday[day] for day in range(7)) if days else None,
        url=path,
        kind=raw["physical_specifications"]["format"],
        raw=raw,
    )


# -- T-Mobile


async def crawl_tmobile(sites: StoreSites, keep: Keep = every) -> dict[str, Seen]:
    """Sitemaps two levels deep, then every address of a store."""
    found = {}
    paths: list[str] = []
    for inner in (await sites.get("tmobile", "/stores/sitemap.xml")).locations:
        for child in (await sites.get("tmobile", inner)).locations:
            paths += (await sites.get("tmobile", child)).locations
    for path in paths:
        if re.fullmatch(r"/stores/bd/t-mobile-[^/]+/?", path) and keep(path):
            seen = read_tmobile(await sites.get("tmobile", path), path)
            found[seen.ref] = seen
    return found


def tmobile_json(page: str) -> Any:
    flat = [part for item in ld_json(page) for part in (item if isinstance(item, list) else [item])]
    return next(item for item in flat if item["@type"] == "Store")


def read_tmobile(reply: Reply, path: str) -> Seen:
    page = reply.text
    raw = tmobile_json(page)
    name = html.unescape(raw["name"]).removeprefix("T-Mobile ")
    title = html.unescape(script_value(page, "<title>(.*?)</title>"))
    spans: dict[str, tuple[Span, ...]] = {}
    for text in raw.get("openingHours", ()):
        day, times = text.split(" ")
        spans[day] = (*spans.get(day, ()), span(*times.split("-")))
    return Seen(
        ref=raw["branchCode"],
        name=name.removeprefix("at "),
        street=raw["address"]["streetAddress"],
        city=raw["address"]["addressLocality"],
        state=raw["address"]["addressRegion"],
        postcode=raw["address"]["postalCode"],
        phone=digits(raw.get("telephone")),
        lat=float(raw["geo"]["latitude"]),
        lon=float(raw["geo"]["longitude"]),
        hours=tuple(spans.get(day[:2], ()) for day in NAMES) if spans else None,
        url=path,
        kind=script_value(title, r": ([\w ]+) in "),
        raw=raw,
    )


# -- Walmart


async def crawl_walmart(sites: StoreSites, keep: Keep = every) -> tuple[dict[str, Seen], list[str]]:
    """Sitemap of sitemaps, then every page; also the addresses without a store."""
    found, empty = {}, []
    for child in (await sites.get("walmart", "/sitemap_store_main.xml")).locations:
        for path in filter(keep, (await sites.get("walmart", child)).locations):
            node = walmart_node(await sites.get("walmart", path))
            if node is None:
                empty.append(path)
            else:
                found[node["id"]] = read_walmart(node, path)
    return found, empty


def walmart_node(reply: Reply) -> Any:
    assert reply.status == 200
    data = json.loads(
        script_value(reply.text, r'<script id="__NEXT_DATA__" type="application/json">(.*?)</script>')
    )
    return data["props"]["pageProps"]["initialData"]["initialDataNodeDetail"]["data"]["nodeDetail"]


def read_walmart(raw: Any, path: str) -> Seen:
    address = raw["address"]
    week = tuple(
        () if day["closed"] else (span(day["start"], day["end"]),) for day in raw["operationalHours"]
    )
    return Seen(
        ref=raw["id"],
        name=raw["displayName"].rsplit(",", 1)[0],
        street=" ".join(filter(None, (address["addressLineOne"], address["addressLineTwo"]))),
        city=address["city"],
        state=address["state"],
        postcode=address["postalCode"],
        phone=digits(raw["phoneNumber"]),
        lat=raw["geoPoint"]["latitude"],
        lon=raw["geoPoint"]["longitude"],
        hours=week or None,
        url=path,
        kind=raw["name"],
        raw=raw,
    )


# -- Best Buy


async def crawl_bestbuy(sites: StoreSites, keep: Keep = every) -> dict[str, Seen]:
    """Sitemap, then every address that ends in a number (or in one and a sister brand)."""
    found = {}
    for child in (await sites.get("bestbuy", "/sitemap.xml")).locations:
        for path in (await sites.get("bestbuy", child)).locations:
            number = re.search(r"^/[a-z]{2}/[^/]+/.+-(\d+)(?:-pacific-sales)?\.html$", path)
            if number and keep(path):
                found[number[1]] = read_bestbuy(await sites.get("bestbuy", path), path)
    return found


def bestbuy_document(page: str) -> Any:
    return json.loads(unquote(script_value(page, r'decodeURIComponent\("(.*?)"\)')))["document"]


def read_bestbuy(reply: Reply, path: str) -> Seen:
    raw = bestbuy_document(reply.text)
    graph = ld_json(reply.text)[0]["@graph"]
    node = next(item for item in graph if item["@type"] == "ElectronicsStore")
    hours = raw.get("hours")
    week = tuple(
        tuple(span(part["start"], part["end"]) for part in hours[name.lower()].get("openIntervals", ()))
        for name in NAMES
        if hours
    )
    return Seen(
        ref=raw["id"],
        name=node["name"],
        street=node["address"]["streetAddress"],
        city=raw["address"]["city"],
        state=raw["address"].get("region", ""),
        postcode=raw["address"]["postalCode"],
        phone=digits(node.get("telephone")),
        lat=raw["yextDisplayCoordinate"]["latitude"],
        lon=raw["yextDisplayCoordinate"]["longitude"],
        hours=week or None,
        url=path,
        raw=raw,
    )
