"""Sitemaps as they come: packed or not, escaped, nested, cut, foreign."""

from __future__ import annotations

import zlib

import pytest
from tests.paths import needs_recordings
from tests.retailers.recorded_stores import document
from tests.retailers.store_pages import packed, page, requests, sitemap, urls

from shopwatch.domain.errors import ErrorClass, LayoutChanged, Unreachable
from shopwatch.domain.site import Site
from shopwatch.retailers.parsing.links import on_site
from shopwatch.retailers.parsing.sitemaps import sitemap_entries, sitemap_phase

SITE = Site(base_url="http://127.0.0.1:8803")


def test_an_index_is_followed_in_the_same_phase_and_its_stores_are_extracted() -> None:
    index = page(sitemap("https://www.att.com/stores/sitemap_0.xml", kind="sitemapindex"))
    assert [(one.url, one.phase) for one in requests("att", "sitemap", index)] == [
        ("https://www.att.com/stores/sitemap_0.xml", "sitemap")
    ]
    child = page(sitemap("https://www.att.com/stores/new-york/new-york/2679"))
    assert [(one.url, one.phase) for one in requests("att", "sitemap", child)] == [
        ("https://www.att.com/stores/new-york/new-york/2679", "extract")
    ]


@pytest.mark.parametrize("pack", [str.encode, packed, lambda text: packed(text[:200]) + packed(text[200:])])
def test_the_first_bytes_say_whether_a_file_is_packed(pack: object) -> None:
    body = pack(sitemap("https://www.target.com/sl/crystal/3"))  # type: ignore[operator]
    assert urls("target", "sitemap", page(body, "https://www.target.com/sl/sitemap_0001.xml.gz")) == [
        "https://www.target.com/sl/crystal/3"
    ]


def test_addresses_are_unescaped_and_lastmod_travels_along() -> None:
    (found,) = requests(
        "target",
        "sitemap",
        page(sitemap("https://www.target.com/sl/town-&-country/798", lastmod="2026-07-01")),
    )
    assert found.url == "https://www.target.com/sl/town-&-country/798"
    assert found.meta == {"lastmod": "2026-07-01"}


def test_the_same_address_twice_is_asked_for_once() -> None:
    assert (
        len(urls("walmart", "sitemap", page(sitemap(*["https://www.walmart.com/store/7-sherwood-ar"] * 2))))
        == 1
    )


def test_the_sites_own_addresses_are_put_on_the_configured_site() -> None:
    real = page(
        sitemap("https://www.target.com/sl/crystal/3", "http://127.0.0.1:8803/sl/duluth/4", "/sl/edina/5")
    )
    assert urls("target", "sitemap", real, SITE) == [
        "http://127.0.0.1:8803/sl/crystal/3",
        "http://127.0.0.1:8803/sl/duluth/4",
        "http://127.0.0.1:8803/sl/edina/5",
    ]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/sl/crystal/3#map", "http://127.0.0.1:8803/sl/crystal/3"),
        ("https://www.target.com", "http://127.0.0.1:8803/"),
        ("https://evil.example/sl/crystal/3", None),
        ("https://www.target.com.evil.example/sl/crystal/3", None),
        ("https://www.target.com@evil.example/sl/crystal/3", None),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("http://[", None),
    ],
)
def test_no_address_leads_away_from_the_site(address: str, expected: str | None) -> None:
    assert on_site(address, SITE, hosts=("www.target.com",)) == expected


def test_a_site_may_stand_below_a_path_of_a_proxy() -> None:
    site = Site(base_url="http://recorder.local/target")
    assert (
        on_site("https://www.target.com/sl/a/1", site, hosts=("www.target.com",))
        == "http://recorder.local/target/sl/a/1"
    )


def test_comments_cdata_and_blanks_are_forgiven() -> None:
    text = (
        "\ufeff<?xml version='1.0'?><!-- <url><loc>https://www.example.com/old</loc></url> -->\n"
        "<urlset xmlns='x'>\n<url >\n <loc>\n https://www.example.com/a?b=1&amp;c=2 \n</loc>\n</url>\n"
        "<url><loc><![CDATA[https://www.example.com/d]]></loc><priority>0.5</priority></url></urlset>\n\n"
    )
    assert sitemap_entries(page(text)) == (
        False,
        [("https://www.example.com/a?b=1&c=2", ""), ("https://www.example.com/d", "")],
    )


def test_a_bomb_is_not_unpacked() -> None:
    stream = zlib.compressobj(9, wbits=31)
    bomb = b"".join(stream.compress(bytes(1_000_000)) for _ in range(110)) + stream.flush()
    with pytest.raises(Unreachable) as caught:
        sitemap_entries(page(bomb))
    assert caught.value.error_class is ErrorClass.TOO_LARGE


def test_a_file_of_known_other_pages_is_no_strange_file_but_one_of_unknown_pages_is() -> None:
    parse = sitemap_phase(r"^/stores/bd/t-mobile-", hosts=("www.t-mobile.com",), known=r"^/stores/")
    site = Site(base_url="https://www.t-mobile.com")
    assert parse(page(sitemap("https://www.t-mobile.com/stores/bd/home-internet-ohio")), site) == []
    with pytest.raises(LayoutChanged):
        parse(page(sitemap("https://www.t-mobile.com/cell-phones")), site)


@pytest.mark.parametrize(
    ("retailer", "stores", "others"),
    [
        (
            "att",
            ["/stores/new-york/new-york/2679", "/stores/delaware/bear/113752"],
            ["/stores/us/cell-phones", "/stores/new-york", "/stores/new-york/new-york"],
        ),
        (
            "target",
            [
                "/sl/coeur-d'alene/679",
                "/sl/o'fallon/1241",
                "/sl/upper-st.-clair/2787",
                "/sl/store-labs-saturn/7819",
            ],
            ["/sl/sitemap", "/store-locator/store-directory/ohio", "/sl/crystal"],
        ),
        (
            "tmobile",
            [
                "/stores/bd/t-mobile-abbeville-la-70510-422g",
                "/stores/bd/t-mobile-lake-havasu-city-az-86404-464g/",
            ],
            [
                "/stores/bd/home-internet-oh-columbus",
                "/stores/bd/business-internet-ohio",
                "/stores/bd/t-mobile-abbeville-la-70510-422g/deals",
            ],
        ),
        (
            "walmart",
            [
                "/store/7-sherwood-ar",
                "/store/5697-undefined-undefined",
                "/store/3341",
                "/store/17/neosho-mo/details",
            ],
            ["/store/finder", "/store-directory", "/store/category/7", "/ip/123"],
        ),
        (
            "bestbuy",
            [
                "/ut/farmington/360-n-station-pkwy-1887.html",
                "/mn/richfield/1000-west-78th-st-281.html",
                "/ca/torrance/x-st-1713-pacific-sales.html",
            ],
            [
                "/404.html",
                "/mn.html",
                "/mn/richfield.html",
                "/mn/richfield/1000-west-78th-st-281/geeksquad.html",
                "/mn/richfield/magnolia.html",
                "/mn/richfield/services-offered.html",
            ],
        ),
    ],
)
def test_stores_are_told_from_everything_else(retailer: str, stores: list[str], others: list[str]) -> None:
    base = {"bestbuy": "https://stores.bestbuy.com", "tmobile": "https://www.t-mobile.com"}.get(
        retailer, f"https://www.{retailer}.com"
    )
    listed = page(sitemap(*(base + path for path in [*others, *stores])))
    assert urls(retailer, "sitemap", listed) == [base + path for path in stores]


@needs_recordings
@pytest.mark.parametrize("pack", [str.encode, packed])
def test_all_2009_recorded_addresses_of_target_are_found(pack: object) -> None:
    recorded = document("target/scrapfly_sitemap_store_locations.json")
    listed = page(pack(sitemap(*(one["url"] for one in recorded))))  # type: ignore[operator]
    found = urls("target", "sitemap", listed)
    assert found == [one["url"] for one in recorded]
    assert len(set(found)) == 2009
    assert {one.rsplit("/", 1)[1] for one in found} == {one["store_id"] for one in recorded}
