"""Verizon: an HTML tree of states, cities and stores, each page's data in a script variable (2024-06 on)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from shopwatch.domain.crawling import Found, Locator, Page, Phase, Request
from shopwatch.domain.errors import Gone, LayoutChanged, Unreachable
from shopwatch.domain.site import Site
from shopwatch.domain.states import state_letters
from shopwatch.retailers.parsing.links import last_part, on_site
from shopwatch.retailers.parsing.scripts import Record, variable
from shopwatch.retailers.parsing.values import slug, text
from shopwatch.retailers.reading import reading
from shopwatch.retailers.stores.verizon_record import store_raw

HOSTS = ("www.verizon.com", "www.verizonwireless.com", "verizonwireless.com")
_STATE_LINK = re.compile(r"""href=["'](?:https?://[^/"']+)?(/stores/(?:state/)?([a-z-]+)/)["']""")
#: Every other state is at /stores/state/<slug>/ (2026-01).
_ODD_STATES = {"NC": "/stores/north-carolina/", "DC": "/stores/state/washington-dc/"}
Listed = tuple[str, dict[str, str]]  #: an address and what the page that names it knows


def states(page: Page, site: Site) -> list[Found]:
    """The root page: a request for each state."""
    with reading(page):
        return _requests(page, site, "cities", _listed_states(page))


def cities(page: Page, site: Site) -> list[Found]:
    """A state's page: a request for each city.

    Raises:
        Unreachable: under load the site answers with another state's data (2026-01); ask again.
    """
    with reading(page):
        data = variable(page, "stateJSON")
        state = state_letters(data["state"]["name"])
        _same_state(page, {state})
        return _requests(
            page, site, "urls", ((city["url"], {"state": state or ""}) for city in data["cities"])
        )


def urls(page: Page, site: Site) -> list[Found]:
    """A city's page: a request for each store, with what only this page knows of it."""
    with reading(page):
        stores = variable(page, "cityJSON")["stores"]
        # By their addresses: a store's own state may be wrong (Oxford MS is listed in Florida, 2021-12).
        _same_state(page, {state_letters(_address(store["storeUrl"])[0]) for store in stores})
        return _requests(
            page, site, "extract", ((_details(store["storeUrl"]), _hints(store)) for store in stores)
        )


def _details(address: str) -> str:
    return re.sub(r"/stores/(?!details/)", "/stores/details/", address, count=1)


def extract(page: Page, site: Site) -> list[Found]:
    """A store's page.

    Raises:
        Gone: the address of a closed or moved store serves some other store (127 of 4,678 in 2022).
    """
    with reading(page):
        data = variable(page, "storeJSON")
        store = store_raw(data, page.request.meta)
        if not _is_own_address(page.request.url, data):
            raise Gone(page.request.url, f"a stale address: it serves store {store.ref}")
        # By its own address: two that differ in the state alone may serve one store (Oxford MS, 2021-12).
        own = on_site(_details(data.get("url") or page.url), site, hosts=HOSTS)
        return [replace(store, url=own or page.url).store("verizon")]


def _listed_states(page: Page) -> Iterator[Listed]:
    try:
        listed = variable(page, "statesJSON")["states"]
    except ValueError:  # only the links say it
        listed = [{"slug": found[2], "url": found[1]} for found in _STATE_LINK.finditer(page.text)]
    for state in listed:
        name = text(state.get("slug")) or slug(state.get("name"))
        if letters := state_letters(name):
            address = text(state.get("url")) or _ODD_STATES.get(letters) or f"/stores/state/{name}/"
            yield address, {"state": letters}


def _requests(page: Page, site: Site, phase: str, listed: Iterable[Listed]) -> list[Found]:
    found: dict[str, Request] = {}
    for address, meta in listed:
        if url := on_site(address, site, hosts=HOSTS):
            found.setdefault(url, Request(url=url, phase=phase, meta=meta))
    if not found:
        raise LayoutChanged(page.url, f"it names nothing for the phase {phase!r}")
    return list(found.values())


def _same_state(page: Page, found: set[str | None]) -> None:
    expected = page.request.meta.get("state")
    if expected and found and expected not in found:
        raise Unreachable(page.url, f"answered with another state's data ({', '.join(map(str, found))})")


def _hints(store: Record) -> dict[str, str]:
    known = {"opened_on": store.get("openingDate"), "lat": store.get("lat"), "lon": store.get("lng")}
    return {name: word for name, value in known.items() if (word := text(value)) is not None}


def _address(url: str) -> list[str]:
    return [part for part in urlsplit(url).path.lower().split("/") if part not in ("", "stores", "details")]


def _is_own_address(asked: str, data: Record) -> bool:
    wanted, own = _address(asked), _address(data.get("url") or "")
    if wanted == own:
        return True
    numbers = {last_part(url).rsplit("-", 1)[-1] for url in (data.get("url"), data.get("retailId")) if url}
    same_city = wanted[-2:-1] == [slug(data["address"]["addressLocality"])]
    return same_city and (
        not numbers or wanted[-1].rsplit("-", 1)[-1] in {number.lower() for number in numbers}
    )


LOCATOR = Locator(
    seeds=("/stores/",),
    phases=(Phase("states", states), Phase("cities", cities), Phase("urls", urls), Phase("extract", extract)),
)
