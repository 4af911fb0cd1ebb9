"""The sections of ``shopwatch.yaml``, and both files read together."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr, model_validator

from shopwatch.config import times
from shopwatch.config.retailer_settings import RetailerSettings, RetailersFile
from shopwatch.config.section import Dollars, Interval, Seconds, Section, StockRetailerId, TimeZone
from shopwatch.config.templates import checked

ChannelName = Literal["shipping", "pickup", "in_store"]


class ProductSettings(Section):
    """``products.<sku>``: one watch. The key is the SKU, or ``retailer:sku`` for another shop than Target."""

    name: str = Field(default="", description="what you call it; empty: the title the shop gives it")
    retailer: StockRetailerId = Field(default="target", description="the shop that sells it")
    url: Annotated[str, Field(pattern=r"^(https?://.*)?$")] | None = Field(
        default=None, description="its page; empty: made of the SKU"
    )
    enabled: bool = Field(default=True, description="false: paused, nothing is lost")
    priority: Literal["low", "normal", "high", "critical"] = Field(
        default="normal", description="what seeing its restock is worth against others"
    )
    check_frequency: Interval = Field(
        default=30.0, description="seconds: the longest interval between two checks"
    )
    max_price: Dollars | None = Field(default=None, description="dollars: no alert and no purchase above it")
    channels: tuple[ChannelName, ...] = Field(
        default=("shipping", "pickup"), description="ways it may reach you"
    )
    third_party_sellers: bool = Field(default=False, description="true: a marketplace seller will do too")
    auto_purchase: bool = Field(
        default=False, description="buy it once a browser has confirmed it, if all of `safety` allows"
    )
    quantity: Annotated[int, Field(ge=1, le=99)] = Field(default=1, description="pieces in one order")
    group: str | None = Field(
        default=None, description="watches that tend to come back together, and share `max_group_purchases`"
    )
    tags: tuple[str, ...] = Field(
        default=(),
        description="words to find it by; the first one stands in for a group when siblings are followed",
    )
    price_drop_percent: Annotated[float, Field(gt=0, le=100)] | None = Field(
        default=None, description="alert when the price falls by so many percent"
    )
    below_price: Dollars | None = Field(
        default=None, description="dollars: alert when the price is at or below it"
    )
    muted: bool = Field(default=False, description="true: watched, but nothing is told")
    snoozed_until: datetime | None = Field(
        default=None, description="nothing is told before this moment: ISO 8601 with its offset"
    )


class MonitorSettings(Section):
    """``monitor``: how stock is watched (the mission's ``ultra_fast``)."""

    background_sessions: Annotated[int, Field(ge=0, le=32)] = Field(
        default=4, description="browser contexts kept warm for confirming; 0: no browser"
    )
    max_concurrent_checks: Annotated[int, Field(ge=1, le=500)] = Field(
        default=50, description="checks under way at once, over all retailers"
    )
    performance_target_time: Interval = Field(
        default=3.0, description="seconds a sweep may take before an alert"
    )
    pacing: Literal["adaptive", "fixed"] = Field(
        default="adaptive",
        description="adaptive learns when products come back; fixed keeps to each one's own interval",
    )
    details_interval: Interval = Field(
        default=3600.0, description="seconds between two reads of price, title and limit"
    )
    confirm: bool = Field(default=True, description="look at the page of what the API calls in stock")
    audit_negatives: bool = Field(
        default=True, description="spend spare browser time on what the API calls sold out"
    )
    time_zone: TimeZone = Field(
        default="America/New_York", description="of the week profile, of quiet hours and of a day's limits"
    )

    @property
    def zone(self) -> ZoneInfo:
        return times.zone(self.time_zone)


class SafetySettings(Section):
    """``safety``: fails closed; nothing is bought unless test_mode is off and the monitor live."""

    test_mode: bool = Field(default=True, description="true: every purchase stops before its last click")
    max_daily_purchases: Annotated[int, Field(ge=0, le=1000)] = Field(default=10, description="orders a day")
    purchase_cooldown: Seconds = Field(default=300.0, description="seconds between two purchases")
    max_order_total: Dollars | None = Field(
        default=None, description="dollars, tax and shipping included; needed to buy"
    )
    max_daily_spend: Dollars | None = Field(default=None, description="dollars a day")
    max_group_purchases: Annotated[int, Field(ge=1, le=100)] = Field(
        default=1, description="orders a day for one group of watches"
    )
    max_confirmation_age: Interval = Field(
        default=30.0, description="seconds a confirmation may be old when money is spent on it"
    )
    ship_to_zip: str | None = Field(default=None, description="the ZIP an order must go to, where it is set")
    card_last_four: Annotated[str, Field(pattern=r"^\d{4}$")] | None = Field(
        default=None, description="the card an order must be paid with, where it is set"
    )


class QuietHours(Section):
    """Hours in which price alerts and sold-outs wait; a restock does not."""

    start: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = Field(description="HH:MM")
    end: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = Field(
        description="HH:MM; before `start`: over midnight"
    )


class NotifySettings(Section):
    """``notify``: Apprise addresses; each may be ``${ENVIRONMENT_VARIABLE}`` and is a secret either way."""

    channels: tuple[SecretStr, ...] = Field(
        default=(), description="Apprise addresses, such as `discord://…`"
    )
    restocks: Literal["at_once", "confirmed"] = Field(
        default="at_once", description="confirmed: told when a browser sees it too"
    )
    quiet_hours: QuietHours | None = None
    digest_interval: Seconds = Field(
        default=0.0,
        description="seconds by the clock for which alerts are gathered (900: told each quarter of an hour);"
        " 0: each at once",
    )
    storm_threshold: Annotated[int, Field(ge=2, le=1000)] = Field(
        default=10, description="alerts of one kind in a minute; from then on one message every 10 seconds"
    )
    expire_after: Interval = Field(
        default=3600.0, description="seconds after which a restock that could not be told is stale"
    )
    sold_out: bool = Field(default=False, description="tell the end of a restock too")
    templates: Annotated[dict[str, str], AfterValidator(checked)] = Field(
        default_factory=dict,
        description="own texts by kind of alert (`restock`; `restock.title` for its first line), with {name},"
        " {price_text}, {retailer}, {url}, … ([all of them](../how-to/watch-a-product.md#in-your-own-words))",
    )

    @model_validator(mode="after")
    def _told_before_it_is_stale(self) -> Self:
        if self.digest_interval >= self.expire_after:
            raise ValueError(
                f"digest_interval ({self.digest_interval:g}) must be below expire_after"
                f" ({self.expire_after:g}), else a restock is stale before it is told"
            )
        return self


class DashboardSettings(Section):
    """Where the dashboard is, and how it looks."""

    host: str = Field(
        default="127.0.0.1",
        description="address to listen at; any but this machine's own "
        "opens only with the token that `serve` prints",
    )
    port: Annotated[int, Field(ge=0, le=65535)] = Field(default=5001, description="0: any free one")
    refresh_interval: Interval = Field(
        default=5.0, description="seconds between polls where live updates cannot be had"
    )
    theme: Literal["auto", "light", "dark"] = "auto"


class RetentionSettings(Section):
    """How long what is kept, days."""

    events: Annotated[int, Field(ge=1, le=3650)] = Field(
        default=7, description="what happened, for pages that come back"
    )
    minutes: Annotated[int, Field(ge=1, le=3650)] = Field(
        default=14, description="checks by the minute; by the hour they are kept with the history"
    )
    history: Annotated[int, Field(ge=1, le=3650)] = Field(
        default=730, description="prices, stock, restocks and alerts"
    )
    runs: Annotated[int, Field(ge=1, le=3650)] = Field(default=365, description="crawls")


class ShopwatchFile(Section):
    """``config/shopwatch.yaml``."""

    products: dict[str, ProductSettings] = Field(default_factory=dict)
    monitor: MonitorSettings = MonitorSettings()
    safety: SafetySettings = SafetySettings()
    notify: NotifySettings = NotifySettings()
    dashboard: DashboardSettings = DashboardSettings()
    retention: RetentionSettings = RetentionSettings()

    @model_validator(mode="after")
    def _somebody_confirms(self) -> Self:
        if self.notify.restocks == "confirmed" and not (
            self.monitor.confirm and self.monitor.background_sessions
        ):
            raise ValueError(
                "notify.restocks is confirmed, but monitor.confirm or monitor.background_sessions is off:"
                " no browser would confirm"
            )
        return self


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
