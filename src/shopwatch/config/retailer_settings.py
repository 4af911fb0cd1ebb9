"""The sections of ``retailers.yaml``: where each site is, and how it is to be treated."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, SecretStr, model_validator

from shopwatch.config.section import Interval, RetailerId, Schedule, Seconds, Section

ProxyMode = Literal["direct", "residential", "web_scraper_api"]


class LocationSettings(Section):
    """Where prices, pickup and delivery are asked for."""

    store_id: str = Field(default="", description="the store asked for pickup")
    zip: Annotated[str, Field(pattern=r"^(\d{5})?$")] = Field(
        default="", description="where deliveries would go"
    )
    state: Annotated[str, Field(pattern=r"^([A-Z]{2})?$")] = Field(default="", description="its two letters")
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = Field(default=None, description="degrees")
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = Field(default=None, description="degrees")


def _refuse_disorder(min_delay: float | None, max_delay: float | None) -> None:
    if min_delay is not None and max_delay is not None and max_delay < min_delay:
        raise ValueError(f"max_delay ({max_delay:g}) is below min_delay ({min_delay:g})")


class CrawlDefaults(Section):
    """``defaults``: what a retailer's section leaves out is taken from here."""

    min_delay: Seconds = Field(default=2.0, description="seconds between two requests to the site, at least")
    max_delay: Seconds = Field(default=5.0, description="seconds, at most; the wait is drawn between the two")
    timeout: Interval = Field(default=30.0, description="seconds for a whole answer")
    max_retries: Annotated[int, Field(ge=0, le=20)] = Field(default=3, description="of one page")
    workers: Annotated[int, Field(ge=1, le=64)] = Field(
        default=1, description="requests in flight to one host"
    )
    user_agents: tuple[str, ...] = Field(
        default=(), description="what to call ourselves, in turn; empty: Shopwatch says who it is"
    )
    obey_robots: bool = Field(default=True, description="false only where you may: it is logged each time")
    max_body_mb: Annotated[float, Field(gt=0, le=1000)] = Field(
        default=50.0, description="megabytes of one page, after decompression"
    )

    @model_validator(mode="after")
    def _delays_in_order(self) -> Self:
        if "max_delay" in self.model_fields_set:  # a least delay set alone lifts the other
            _refuse_disorder(self.min_delay, self.max_delay)
        return self


class RetailerSettings(Section):
    """``retailers.<id>``: what is left out is as in ``defaults``, or as this retailer is known to need it."""

    enabled: bool = Field(
        default=True, description="false: neither watched, nor crawled by schedules or `--all`"
    )
    mode: Literal["html_crawl", "sitemap"] | None = Field(
        default=None, description="the mission's word; must fit the retailer"
    )
    base_url: HttpUrl | None = Field(default=None, description="where its pages are; empty: the real site")
    api_url: HttpUrl | None = Field(default=None, description="where its API is")
    carts_url: HttpUrl | None = Field(default=None, description="where its carts are")
    account_url: HttpUrl | None = Field(default=None, description="where its accounts are")
    min_delay: Seconds | None = Field(default=None, description="seconds; empty: as in `defaults`")
    max_delay: Seconds | None = Field(default=None, description="seconds; empty: as in `defaults`")
    timeout: Interval | None = Field(default=None, description="seconds; empty: as in `defaults`")
    max_retries: Annotated[int, Field(ge=0, le=20)] | None = Field(
        default=None, description="empty: as in `defaults`"
    )
    workers: Annotated[int, Field(ge=1, le=64)] | None = Field(
        default=None, description="empty: as in `defaults`"
    )
    user_agents: tuple[str, ...] | None = Field(default=None, description="empty: as in `defaults`")
    obey_robots: bool | None = Field(default=None, description="empty: as in `defaults`")
    proxy_mode: ProxyMode | None = Field(default=None, description="empty: as in `proxy`")
    schedule: Schedule = Field(default=None, description="when to crawl: a cron expression, UTC")
    location: LocationSettings = LocationSettings()
    keys: dict[str, SecretStr] = Field(default_factory=dict, description="public web keys by name")
    stock_requests_per_second: Annotated[float, Field(gt=0, le=10_000)] | None = Field(
        default=None, description="over a day; empty: as this retailer bears"
    )
    stock_peak_requests_per_second: Annotated[float, Field(gt=0, le=10_000)] | None = Field(
        default=None,
        description="at most in busy minutes, at the same number a day; empty: the same rate all day",
    )
    stock_in_flight: Annotated[int, Field(ge=1, le=500)] | None = Field(
        default=None, description="requests under way at once; empty: as this retailer bears"
    )
    stock_min_interval: Interval | None = Field(
        default=None, description="seconds between two looks at one product, at least"
    )
    gate_max_loss_percent: Annotated[float, Field(gt=0, le=100)] = Field(
        default=2.0, description="stores a run may lose before it is held back"
    )
    gate_max_field_loss_percent: Annotated[float, Field(gt=0, le=100)] = Field(
        default=10.0, description="stores that may lose a field before a run is held back"
    )

    @model_validator(mode="after")
    def _delays_in_order(self) -> Self:
        _refuse_disorder(self.min_delay, self.max_delay)
        return self

    @model_validator(mode="after")
    def _peak_above_usual(self) -> Self:
        peak, usual = self.stock_peak_requests_per_second, self.stock_requests_per_second
        if peak is not None and usual is None:
            raise ValueError(
                "stock_peak_requests_per_second needs the usual rate beside it: set stock_requests_per_second"
            )
        if peak is not None and usual is not None and peak < usual:
            raise ValueError(
                f"stock_peak_requests_per_second ({peak:g}) is below stock_requests_per_second ({usual:g})"
            )
        return self


class ProxySettings(Section):
    """``proxy``: credentials come only from SHOPWATCH_PROXY_USERNAME and SHOPWATCH_PROXY_PASSWORD."""

    mode: ProxyMode = "direct"
    residential_url: str = Field(
        default="http://pr.oxylabs.io:7777", description="where the residential proxy is"
    )
    web_scraper_api_url: str = Field(
        default="https://realtime.oxylabs.io/v1/queries", description="where the scraper API is"
    )
    country: Annotated[str, Field(pattern=r"^[a-zA-Z]{2}$")] = Field(
        default="us", description="two letters: where requests should come from"
    )


class RetailersFile(Section):
    """``config/retailers.yaml``."""

    proxy: ProxySettings = ProxySettings()
    defaults: CrawlDefaults = CrawlDefaults()
    retailers: dict[RetailerId, RetailerSettings] = Field(default_factory=dict)
