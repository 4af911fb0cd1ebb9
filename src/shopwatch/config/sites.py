"""Where a retailer's site is: its own file says, the configuration overrides, secrets are elsewhere."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import HttpUrl, SecretStr

from shopwatch.config.settings import CrawlDefaults, ProxyMode, RetailerSettings, RetailersFile
from shopwatch.domain.errors import Invalid
from shopwatch.domain.site import Site

_VARIABLE = re.compile(r"^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$")


@dataclass(frozen=True, kw_only=True, slots=True)
class CrawlSettings:
    """What a crawl of one retailer goes by, defaults filled in."""

    enabled: bool
    min_delay_s: float
    max_delay_s: float
    timeout_s: float
    max_retries: int
    workers: int
    user_agents: tuple[str, ...]
    obey_robots: bool
    max_body_bytes: int
    proxy_mode: ProxyMode
    schedule: str | None


def crawl_settings(file: RetailersFile, retailer: str) -> CrawlSettings:
    section = next((one for name, one in file.retailers.items() if name == retailer), RetailerSettings())
    given = section.model_dump(include=set(CrawlDefaults.model_fields) - {"max_body_mb"}, exclude_none=True)
    merged = file.defaults.model_copy(update=given)
    return CrawlSettings(
        enabled=section.enabled,
        min_delay_s=merged.min_delay,
        max_delay_s=max(merged.min_delay, merged.max_delay),
        timeout_s=merged.timeout,
        max_retries=merged.max_retries,
        workers=merged.workers,
        user_agents=tuple(merged.user_agents),
        obey_robots=merged.obey_robots,
        max_body_bytes=int(merged.max_body_mb * 1_000_000),
        proxy_mode=section.proxy_mode or file.proxy.mode,
        schedule=section.schedule,
    )


def site_of(default: Site, section: RetailerSettings, environment: Mapping[str, str] = os.environ) -> Site:
    """The retailer's site with everything the configuration says instead.

    Raises:
        Invalid: a key names an environment variable that is not set.
    """
    given = {
        name: _plain(getattr(section, name))
        for name in ("base_url", "api_url", "carts_url", "account_url")
        if getattr(section, name) is not None
    }
    location = section.location.model_dump(exclude_unset=True)
    keys = {name: secret(value, environment) for name, value in section.keys.items()}
    return replace(
        default,
        **given,
        location=replace(default.location, **location),
        keys={**default.keys, **keys},
    )


def secret(value: SecretStr, environment: Mapping[str, str] = os.environ) -> str:
    """The secret itself, read from the environment if it is written ``${NAME}``.

    Raises:
        Invalid: the variable is not set; names the variable, never a value.
    """
    text = value.get_secret_value()
    if variable := _VARIABLE.match(text):
        try:
            return environment[variable[1]]
        except KeyError:
            raise Invalid(f"the environment variable {variable[1]} is not set") from None
    return text


def _plain(url: HttpUrl) -> str:
    return str(url).rstrip("/")
