"""Target: a packed sitemap of store pages, each with its record escaped in the flight data (2026)."""

from __future__ import annotations

from collections.abc import Iterator

from shopwatch.domain.crawling import Found, Locator, Page, Phase
from shopwatch.domain.errors import Gone
from shopwatch.domain.hours import Interval
from shopwatch.domain.site import Site
from shopwatch.domain.store import Store
from shopwatch.retailers.parsing.dated import dated, usual_week
from shopwatch.retailers.parsing.hours import minutes
from shopwatch.retailers.parsing.links import last_part
from shopwatch.retailers.parsing.raw import Raw, status_word
from shopwatch.retailers.parsing.scripts import Record, flight_records
from shopwatch.retailers.parsing.sitemaps import sitemap_phase
from shopwatch.retailers.reading import reading

HOSTS = ("www.target.com", "target.com")


def extract(page: Page, site: Site) -> list[Found]:
    """A store's page. It also holds small records of the neighbours; ours has the number of the address.

    Raises:
        Gone: it is the site's test store ("store-labs-saturn", 7819).
    """
    with reading(page):
        number = last_part(page.request.url)
        own = [one for one in flight_records(page, "store_id") if one["store_id"] == number]
        if not own:
            raise ValueError(f"no record of store {number}")
        found = max(own, key=len)
        if found.get("is_test_location"):
            raise Gone(page.request.url, "a test location, no store")
        return [store_of(found, url=page.url)]


def store_of(record: Record, *, url: str | None = None) -> Store:
    """Read one record: that of the page and of ``store_location_v1`` (2026), or of redsky v3 (2023)."""
    place = record.get("mailing_address") or record["address"]
    geo = record.get("geographic_specifications") or {}
    days = dated(_days(record.get("rolling_operating_hours") or {}))
    return Raw(
        ref=record.get("store_id") or record["location_id"],
        name=record.get("location_name") or record["location_names"][0]["name"],
        kind=(record.get("physical_specifications") or {}).get("format"),
        corporate=True,  # Target has no dealers
        lines=(place["address_line1"], place.get("address_line2")),
        city=place["city"],
        state=place["region"],
        postcode=place["postal_code"],
        country=place.get("country_code") or place.get("country"),
        phone=record.get("main_voice_phone_number") or _main_phone(record.get("contact_information")),
        lat=geo.get("latitude"),
        lon=geo.get("longitude"),
        hours=usual_week(days),
        dated_hours=days,
        services=tuple(one.get("capability_name") for one in record.get("capabilities") or ()),
        status=status_word(record.get("status")),
        url=url,
    ).store("target")


def _main_phone(contacts: object) -> object:
    """The store's own voice number: the list also has departments and FAX; v3 has one object for the list."""
    for one in [contacts] if isinstance(contacts, dict) else contacts if isinstance(contacts, list) else ():
        if one.get("building_area") == "MAIN" and one.get("telephone_type") == "VOICE":
            return one.get("telephone_number")
    return None


def _days(hours: Record) -> Iterator[tuple[str, list[Interval] | None]]:
    days = (hours.get("main_hours") or hours.get("regular_event_hours") or {}).get("days") or ()
    for day in days:
        times = day.get("hours")
        if day.get("is_open") is False:
            yield day["date"], []
        else:
            yield day["date"], [_interval(one) for one in times] if times else None


def _interval(one: Record) -> Interval:
    begin, end = minutes(one["begin_time"]), minutes(one["end_time"])
    tomorrow = one.get("end_date", "") > one.get("begin_date", "") and end <= begin
    return begin, end + 24 * 60 if tomorrow else end


LOCATOR = Locator(
    seeds=("/sitemap_stores-index.xml.gz",),
    phases=(
        Phase("sitemap", sitemap_phase(r"^/sl/.+/\d+$", hosts=HOSTS)),
        Phase("extract", extract),
    ),
)
