"""Every parser against a site on a socket that shows the recorded stores: all found, every field."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import aiohttp
import pytest
from tests.paths import needs_recordings
from tests.retailers.recorded_stores import COUNTS, STORES, features
from tests.retailers.small_crawl import crawl
from tests.simulator_fixture import Simulator, simulator_process

from shopwatch.domain.store import Store
from shopwatch.domain.store_check import check_stores
from shopwatch.domain.weeks import read_week, weeks_differ
from shopwatch.retailers.parsing.values import postcode, street, text

pytestmark = needs_recordings

#: Every so many recorded stores make the small set.
_STEP = {"verizon": 40, "att": 45, "target": 20, "tmobile": 60, "walmart": 40, "bestbuy": 10}


@pytest.fixture(scope="module")
def small_origins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    folder = tmp_path_factory.mktemp("stores")
    for retailer, step in _STEP.items():
        chosen = {"type": "FeatureCollection", "features": features(retailer)[::step]}
        (folder / f"{retailer}.geojson").write_text(json.dumps(chosen), "utf-8")
    with simulator_process(arguments=("--stores", str(folder))) as origins:
        yield origins


@pytest.fixture
async def sites(small_origins: dict[str, str]) -> AsyncIterator[Simulator]:
    async with aiohttp.ClientSession() as session:
        simulator = Simulator(small_origins, session)
        await simulator.tell("POST", "/reset", {"stores": True})
        yield simulator


def expected(retailer: str, feature: dict[str, Any]) -> dict[str, Any]:
    """What a store must be like: the recorded values, made plain by the same rules as a page's."""
    said, geometry = feature["properties"], feature.get("geometry")
    lon, lat = geometry["coordinates"] if geometry else (None, None)
    number = re.search(r"-(\d+)(?:-pacific-sales)?\.html$", said["ref"])
    digits = re.sub(r"\D", "", said.get("phone") or "")[-10:]
    return {
        "ref": number[1] if retailer == "bestbuy" and number else said["ref"],
        "address": joined(street(said.get("addr:full"))),
        "city": text(said.get("addr:city")),
        "state": said.get("addr:state"),
        "postcode": postcode(said.get("addr:postcode")),
        "phone": f"+1{digits}" if digits else None,
        "lat": lat,
        "lon": lon,
        "hours": opening(said["opening_hours"]) if said.get("opening_hours") else None,
    }


def joined(lines: Iterable[str]) -> str:
    """An address without its blanks and commas: sites cut it into lines in their own ways."""
    return re.sub(r"[\s,]", "", "".join(lines))


def opening(hours: str) -> dict[str, object]:
    """The days on which it opens: the recordings leave closed days out, the sites say them."""
    return {day: times for day, times in read_week(hours).days.items() if times}


def seen(store: Store) -> dict[str, Any]:
    return {
        "ref": store.ref,
        "address": joined(store.address),
        "city": store.city,
        "state": store.state,
        "postcode": store.postcode,
        "phone": store.phone,
        "lat": store.lat,
        "lon": store.lon,
        "hours": opening(store.hours) if store.hours else None,
    }


def differences(retailer: str, chosen: list[dict[str, Any]], stores: list[Store]) -> list[tuple[Any, ...]]:
    found = {store.ref: seen(store) for store in stores}
    wanted = {one["ref"]: one for one in (expected(retailer, feature) for feature in chosen)}
    wrong: list[tuple[Any, ...]] = [("unknown", ref) for ref in found.keys() - wanted.keys()]
    for ref, want in wanted.items():
        if ref not in found:
            wrong.append(("missing", ref))
            continue
        wrong += [
            (ref, name, want[name], found[ref][name]) for name in want if want[name] != found[ref][name]
        ]
    return wrong


def is_store(feature: dict[str, Any]) -> bool:
    return bool(feature["properties"]["ref"] != "cell-phones")  # AT&T's junk entry


@pytest.mark.parametrize("retailer", COUNTS)
async def test_every_recorded_store_is_found_with_every_field(sites: Simulator, retailer: str) -> None:
    done = await crawl(retailer, sites.origins[retailer])
    chosen = [one for one in features(retailer)[:: _STEP[retailer]] if is_store(one)]
    assert differences(retailer, chosen, done.stores) == []
    assert len(done.stores) == len({store.key for store in done.stores})


FIELDS = ("address", "city", "state", "postcode", "phone", "lat", "lon", "hours")


def table_line(retailer: str, chosen: list[dict[str, Any]], stores: list[Store]) -> tuple[str, int]:
    """A line of the table, and how many mismatches it tells."""
    wrong = differences(retailer, chosen, stores)
    counts = Counter(entry[1] if len(entry) > 2 else entry[0] for entry in wrong)
    found = len({store.ref for store in stores})  # a stale address shows a store again
    numbers = [
        len(chosen),
        found,
        counts["missing"],
        counts["unknown"],
        *(counts[name] for name in FIELDS),
    ]
    return f"{retailer:<9}" + "".join(f"{number:>9,}" for number in numbers), len(wrong)


async def compared(origins: dict[str, str], retailers: Iterable[str], step: int) -> tuple[list[str], int]:
    """The table of counts and mismatches, and how many there are in all."""
    lines = [
        f"{'':<9}" + "".join(f"{name:>9}" for name in ("recorded", "found", "missing", "unknown", *FIELDS))
    ]
    total = 0
    for retailer in retailers:
        chosen = [one for one in features(retailer)[::step] if is_store(one)]
        done = await crawl(retailer, origins[retailer])
        assert done.strange == []
        line, wrong = table_line(retailer, chosen, done.stores)
        lines.append(line)
        total += wrong
    return lines, total


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_a_table_of_all_24928_recorded_stores_field_by_field(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with simulator_process(arguments=("--stores", str(STORES))) as origins:
        lines, wrong = await compared(origins, COUNTS, step=1)
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
    assert wrong == 0
    assert sum(COUNTS.values()) == 24_928  # one of AT&T's is a page about services: no store


@pytest.mark.parametrize(
    ("retailer", "word"),
    [
        ("att", "microdata"),
        ("target", "gz-unpacked"),
        ("target", "json-ld"),
        ("tmobile", "hours-old"),
        ("walmart", "redux"),
        ("walmart", "phone"),
        ("walmart", "sitemap-urlset"),
        ("walmart", "gz-unpacked"),
        ("bestbuy", "2018"),
    ],
)
async def test_the_shapes_of_other_years_say_the_same(sites: Simulator, retailer: str, word: str) -> None:
    await sites.tell("PUT", f"/modes/{retailer}", {"mode": word})
    done = await crawl(retailer, sites.origins[retailer])
    chosen = [one for one in features(retailer)[:: _STEP[retailer]] if is_store(one)]
    assert differences(retailer, chosen, done.stores) == []


async def test_a_shape_nobody_reads_is_said_and_finds_no_store(sites: Simulator) -> None:
    await sites.tell("PUT", "/modes/verizon", {"mode": "D"})
    done = await crawl("verizon", sites.origins["verizon"])
    assert done.stores == []
    assert done.strange


async def test_answers_mixed_up_under_load_are_asked_for_again(sites: Simulator) -> None:
    await sites.fault("wrong-state", site="verizon", rate=0.5, times=40)
    done = await crawl("verizon", sites.origins["verizon"])
    chosen = features("verizon")[:: _STEP["verizon"]]
    assert done.mixed_up > 0
    assert differences("verizon", chosen, done.stores) == []


async def test_a_holiday_changes_no_usual_week_and_hides_no_real_change(sites: Simulator) -> None:
    before = {store.ref: store.hours for store in (await crawl("target", sites.origins["target"])).stores}
    await sites.tell("PUT", "/modes/target", {"mode": "season-holiday"})
    week = (await sites.tell("POST", "/week"))["changed"]["target"]
    after = (await crawl("target", sites.origins["target"])).stores
    assert any(day.intervals == () for store in after for day in store.dated_hours)
    changed = [store.ref for store in after if weeks_differ(before.get(store.ref), store.hours)]
    assert len(before) > 90
    assert week["stores_with_holiday_changes"] > 90
    assert changed == week["hours_changed"]  # the real ones, and no other


async def test_the_sites_strays_are_gone_and_not_strange(sites: Simulator) -> None:
    for retailer in ("target", "walmart"):
        done = await crawl(retailer, sites.origins[retailer])
        assert done.gone
        assert "7819" not in {store.ref for store in done.stores}


async def test_a_field_lost_everywhere_is_seen_by_the_check(sites: Simulator) -> None:
    whole = await crawl("bestbuy", sites.origins["bestbuy"])
    await sites.fault("missing-field", site="bestbuy")
    lost = await crawl("bestbuy", sites.origins["bestbuy"])
    before, after = check_stores(whole.stores), check_stores(lost.stores)
    assert (
        any(after.fields[name].missing > before.fields[name].missing for name in after.fields) or lost.strange
    )


@pytest.mark.parametrize("kind", ["garbage", "empty", "wall"])
@pytest.mark.parametrize("retailer", COUNTS)
async def test_a_fault_with_status_200_finds_no_store_and_is_strange(
    sites: Simulator, retailer: str, kind: str
) -> None:
    await sites.fault(kind, site=retailer)
    done = await crawl(retailer, sites.origins[retailer])
    assert done.stores == []
    assert done.strange
    assert done.gone == []


@pytest.fixture(scope="module")
def invented_origins() -> Iterator[dict[str, str]]:
    with simulator_process(products=1, arguments=("--store-count", "160")) as origins:
        yield origins


@pytest.mark.parametrize("retailer", COUNTS)
async def test_no_page_of_an_invented_set_is_strange(invented_origins: dict[str, str], retailer: str) -> None:
    done = await crawl(retailer, invented_origins[retailer])
    check = check_stores(done.stores)
    assert done.strange == []
    assert (check.stores > 150, check.duplicates) == (True, 0)
    faulty = {name: count for name, count in check.fields.items() if count.malformed or count.suspicious}
    assert faulty == {}, check.examples
    assert all(store.url and store.url.startswith(invented_origins[retailer]) for store in done.stores)
    for name in ("city", "state", "postcode", "phone", "lat", "lon", "hours", "url"):
        assert check.fields[name].missing <= check.stores // 20, (name, check.examples)


async def test_the_hours_of_tmobile_are_the_same_under_either_name(invented_origins: dict[str, str]) -> None:
    address = invented_origins["tmobile"]
    current = {store.ref: store.hours for store in (await crawl("tmobile", address)).stores}
    async with aiohttp.ClientSession() as session:
        simulator = Simulator(invented_origins, session)
        await simulator.tell("PUT", "/modes/tmobile", {"mode": "hours-old"})
        former = {store.ref: store.hours for store in (await crawl("tmobile", address)).stores}
        await simulator.tell("PUT", "/modes/tmobile", {"mode": "hours-new"})
    assert current == former
    assert all(current.values())
