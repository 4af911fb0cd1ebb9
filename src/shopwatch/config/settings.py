"""The settings of both files as frozen sections: unknown keys are errors, units are in the comments.

``shopwatch.yaml`` is a ``ShopwatchFile``, ``retailers.yaml`` a ``RetailersFile``;
together they are ``Settings``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    ValidationInfo,
    model_validator,
)

from shopwatch.config import shops, times

Seconds = Annotated[float, Field(ge=0, le=604_800)]
Interval = Annotated[float, Field(gt=0, le=604_800)]  #: seconds, never zero
Dollars = Annotated[float, Field(ge=0, le=1_000_000)]


def _is_known(name: str, info: ValidationInfo) -> str:
    known: shops.Shops | None = info.context
    return name if known is None else shops.check(name, known.all)


def _has_stock(name: str, info: ValidationInfo) -> str:
    known: shops.Shops | None = info.context
    return name if known is None else shops.check(name, known.stock)


def _schedule(expression: str | None) -> str | None:
    return None if expression is None else times.schedule(expression)


def _time_zone(name: str) -> str:
    times.zone(name)
    return name


#: Which there are is the validation's context, a ``Shops``; without one any name is taken.
RetailerId = Annotated[str, AfterValidator(_is_known)]
StockRetailerId = Annotated[str, AfterValidator(_has_stock)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Schedule = Annotated[str | None, AfterValidator(_schedule)]
ProxyMode = Literal["direct", "residential", "web_scraper_api"]
ChannelName = Literal["shipping", "pickup", "in_store"]


class Section(BaseModel):
    """Unknown keys are errors; a loaded section never changes; pydantic never echoes a wrong value."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ProductSettings(Section):
    """``products.<sku>``: one watch. The key is the SKU, or ``retailer:sku`` for another shop than Target."""

    name: str = ""
    retailer: StockRetailerId = "target"
    url: str | None = None
    enabled: bool = True
    priority: Literal["low", "normal", "high", "critical"] = "normal"
    check_frequency: Interval = 30.0  #: seconds: the longest interval between two checks
    max_price: Dollars | None = None  #: dollars; no alert and no purchase above it
    channels: tuple[ChannelName, ...] = ("shipping", "pickup")
    third_party_sellers: bool = False
    auto_purchase: bool = False
    quantity: Annotated[int, Field(ge=1, le=99)] = 1
    group: str | None = None
    tags: tuple[str, ...] = ()
    price_drop_percent: Annotated[float, Field(gt=0, le=100)] | None = (
        None  #: alert when the price falls so much
    )
    below_price: Dollars | None = None  #: alert when the price is at or below, dollars
    muted: bool = False
    snoozed_until: datetime | None = None


class MonitorSettings(Section):
    """``monitor`` (the mission's ``ultra_fast``)."""

    background_sessions: Annotated[int, Field(ge=0, le=32)] = 4  #: warm browser contexts
    max_concurrent_checks: Annotated[int, Field(ge=1, le=500)] = 50
    performance_target_time: Interval = 3.0  #: seconds a sweep may take before an alert
    pacing: Literal["adaptive", "fixed"] = "adaptive"
    details_interval: Interval = 3600.0  #: seconds between two reads of price, title and limit
    confirm: bool = True  #: confirm positives in the browser
    audit_negatives: bool = True  #: use spare browser time to look at negatives
    time_zone: TimeZone = "America/New_York"  #: of the week profile, of quiet hours and of a day's limits

    @property
    def zone(self) -> ZoneInfo:
        return times.zone(self.time_zone)


class SafetySettings(Section):
    """``safety``: fails closed; nothing is bought unless test_mode is off and the monitor live."""

    test_mode: bool = True
    max_daily_purchases: Annotated[int, Field(ge=0, le=1000)] = 10
    purchase_cooldown: Seconds = 300.0  #: seconds between two purchases
    max_order_total: Dollars | None = None  #: dollars, tax and shipping included
    max_daily_spend: Dollars | None = None  #: dollars
    max_group_purchases: Annotated[int, Field(ge=1, le=100)] = 1  #: orders a day for one group of watches
    max_confirmation_age: Interval = 30.0  #: seconds
    ship_to_zip: str | None = None  #: the address an order must go to
    card_last_four: Annotated[str, Field(pattern=r"^\d{4}$")] | None = None


class QuietHours(Section):
    start: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    end: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class NotifySettings(Section):
    """``notify``: Apprise addresses; each may be ``${ENVIRONMENT_VARIABLE}`` and is a secret either way."""

    channels: tuple[SecretStr, ...] = ()
    quiet_hours: QuietHours | None = None
    digest_interval: Seconds = 0.0  #: seconds; 0: each alert at once
    storm_threshold: Annotated[int, Field(ge=2, le=1000)] = (
        10  #: alerts of one kind in a minute that collapse to one
    )
    expire_after: Interval = 3600.0  #: seconds after which an undelivered restock is stale
    sold_out: bool = False  #: tell the end of a restock too
    templates: dict[str, str] = Field(default_factory=dict)  #: by alert kind; {name} {price} {url} …


class DashboardSettings(Section):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 5001
    refresh_interval: Interval = 5.0  #: seconds between polls where live updates cannot be had
    theme: Literal["auto", "light", "dark"] = "auto"


class RetentionSettings(Section):
    """How long what is kept, days."""

    events: Annotated[int, Field(ge=1, le=3650)] = 7
    minutes: Annotated[int, Field(ge=1, le=3650)] = (
        14  #: per-minute roll-ups; hours are kept with the history
    )
    history: Annotated[int, Field(ge=1, le=3650)] = 730
    runs: Annotated[int, Field(ge=1, le=3650)] = 365


class ShopwatchFile(Section):
    """``config/shopwatch.yaml``."""

    products: dict[str, ProductSettings] = Field(default_factory=dict)
    monitor: MonitorSettings = MonitorSettings()
    safety: SafetySettings = SafetySettings()
    notify: NotifySettings = NotifySettings()
    dashboard: DashboardSettings = DashboardSettings()
    retention: RetentionSettings = RetentionSettings()


class LocationSettings(Section):
    """Where prices, pickup and delivery are asked for."""

    store_id: str = ""
    zip: Annotated[str, Field(pattern=r"^(\d{5})?$")] = ""
    state: Annotated[str, Field(pattern=r"^([A-Z]{2})?$")] = ""
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None


class CrawlDefaults(Section):
    """``defaults``: what a retailer's section leaves out is taken from here."""

    min_delay: Seconds = 2.0  #: seconds between two requests to the site, at least
    max_delay: Seconds = 5.0  #: at most; the wait is drawn between the two
    timeout: Interval = 30.0  #: seconds for a whole answer
    max_retries: Annotated[int, Field(ge=0, le=20)] = 3  #: of one page
    workers: Annotated[int, Field(ge=1, le=64)] = 1  #: requests in flight to one host
    user_agents: tuple[str, ...] = ()  #: empty: Shopwatch says who it is
    obey_robots: bool = True
    max_body_mb: Annotated[float, Field(gt=0, le=1000)] = 50.0  #: megabytes, after decompression


class RetailerSettings(Section):
    """``retailers.<id>``; ``None`` means: as in ``defaults``, or as the retailer's own file says."""

    enabled: bool = True
    mode: Literal["html_crawl", "sitemap"] | None = None  #: the mission's word; must fit the retailer
    base_url: HttpUrl | None = None
    api_url: HttpUrl | None = None
    carts_url: HttpUrl | None = None
    account_url: HttpUrl | None = None
    min_delay: Seconds | None = None  #: seconds
    max_delay: Seconds | None = None  #: seconds
    timeout: Interval | None = None  #: seconds
    max_retries: Annotated[int, Field(ge=0, le=20)] | None = None
    workers: Annotated[int, Field(ge=1, le=64)] | None = None
    user_agents: tuple[str, ...] | None = None
    obey_robots: bool | None = None
    proxy_mode: ProxyMode | None = None
    schedule: Schedule = None  #: cron expression of crawls, UTC
    location: LocationSettings = LocationSettings()
    keys: dict[str, SecretStr] = Field(
        default_factory=dict
    )  #: public web keys; ``${NAME}`` reads the environment
    stock_requests_per_second: Annotated[float, Field(gt=0, le=10_000)] | None = None
    stock_in_flight: Annotated[int, Field(ge=1, le=500)] | None = None
    stock_min_interval: Interval | None = None  #: seconds between two looks at one product, at least
    gate_max_loss_percent: Annotated[float, Field(gt=0, le=100)] = (
        2.0  #: stores a run may lose before it is held
    )
    gate_max_field_loss_percent: Annotated[float, Field(gt=0, le=100)] = 10.0

    @model_validator(mode="after")
    def _delays_in_order(self) -> Self:
        if self.min_delay is not None and self.max_delay is not None and self.max_delay < self.min_delay:
            raise ValueError(f"max_delay ({self.max_delay:g}) is below min_delay ({self.min_delay:g})")
        return self


class ProxySettings(Section):
    """``proxy``: credentials come only from SHOPWATCH_PROXY_USERNAME and SHOPWATCH_PROXY_PASSWORD."""

    mode: ProxyMode = "direct"
    residential_url: str = "http://pr.oxylabs.io:7777"
    web_scraper_api_url: str = "https://realtime.oxylabs.io/v1/queries"
    country: Annotated[str, Field(pattern=r"^[a-zA-Z]{2}$")] = "us"


class RetailersFile(Section):
    """``config/retailers.yaml``."""

    proxy: ProxySettings = ProxySettings()
    defaults: CrawlDefaults = CrawlDefaults()
    retailers: dict[RetailerId, RetailerSettings] = Field(default_factory=dict)


class Settings(Section):
    """Both files, read together."""

    shopwatch: ShopwatchFile = ShopwatchFile()
    retailers: RetailersFile = RetailersFile()

    def retailer(self, retailer: str) -> RetailerSettings:
        """The section of a retailer, its own defaults where the file says nothing."""
        return next(
            (section for name, section in self.retailers.retailers.items() if name == retailer),
            RetailerSettings(),
        )
