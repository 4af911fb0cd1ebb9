"""How one kind of caller may talk to one retailer; without it each use would carry its own politeness."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from shopwatch.config.retailer_settings import CrawlDefaults, RetailerSettings
from shopwatch.config.settings import Settings
from shopwatch.domain.crawling import Page
from shopwatch.domain.retailer import Retailer
from shopwatch.transport.pace import Pace
from shopwatch.transport.proxies import DIRECT, Proxy

T = TypeVar("T")

_MEGABYTE = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """The terms of a ``Fetcher``: whose site, how often, how long, how much, and from where."""

    retailer: str  #: the circuit breaker's name for it
    pace: Pace = field(default_factory=Pace)
    timeout_s: float = 30.0  #: for a whole answer
    max_body_bytes: int = 50 * _MEGABYTE  #: before and after unpacking
    obey_robots: bool = True
    user_agents: tuple[str, ...] = ()  #: one for each fetcher in turn; empty: Shopwatch says who it is
    proxy: Proxy = DIRECT
    #: Raises ``Blocked`` for a wall or challenge page, whatever its status.
    recognise_wall: Callable[[Page], None] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)  #: with every request


def crawl_policy(retailer: Retailer, settings: Settings, environment: Mapping[str, str]) -> Policy:
    """The terms of a crawl: the retailer's section, the defaults where it says nothing."""
    section, defaults = settings.retailer(retailer.id), settings.retailers.defaults
    low = _first(section.min_delay, defaults.min_delay)
    high = _first(section.max_delay, max(defaults.max_delay, low))
    pace = Pace(
        min_delay_s=min(low, high), max_delay_s=high, concurrency=_first(section.workers, defaults.workers)
    )
    obey = _first(section.obey_robots, defaults.obey_robots)
    return _policy(retailer, settings, environment, pace=pace, obey_robots=obey)


def stock_policy(retailer: Retailer, settings: Settings, environment: Mapping[str, str]) -> Policy:
    """The terms of reading stock: one small question at a time, at the shopper's own pace.

    robots.txt speaks to crawlers; it is asked here only if the retailer's section says ``obey_robots: true``.
    """
    section, stock = settings.retailer(retailer.id), retailer.stock
    usual = _first(section.stock_requests_per_second, stock.requests_per_second if stock else 1.0)
    rate = _first(section.stock_peak_requests_per_second, usual)  # the monitor keeps the day's number
    in_flight = _first(section.stock_in_flight, stock.max_in_flight if stock else 1)
    pace = Pace(requests_per_second=rate, concurrency=in_flight)
    return _policy(retailer, settings, environment, pace=pace, obey_robots=section.obey_robots is True)


def _policy(
    retailer: Retailer, settings: Settings, environment: Mapping[str, str], *, pace: Pace, obey_robots: bool
) -> Policy:
    section, files = settings.retailer(retailer.id), settings.retailers
    defaults: CrawlDefaults = files.defaults
    return Policy(
        retailer=retailer.id,
        pace=pace,
        timeout_s=_first(section.timeout, defaults.timeout),
        max_body_bytes=round(defaults.max_body_mb * _MEGABYTE),
        obey_robots=obey_robots,
        user_agents=_agents(section, defaults),
        proxy=Proxy.of(files.proxy, environment, mode=section.proxy_mode),
        recognise_wall=retailer.recognise_wall,
    )


def _agents(section: RetailerSettings, defaults: CrawlDefaults) -> tuple[str, ...]:
    return defaults.user_agents if section.user_agents is None else section.user_agents


def _first(value: T | None, otherwise: T) -> T:
    return otherwise if value is None else value
