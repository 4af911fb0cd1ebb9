"""Where requests leave from; without it the mission's proxy modes would be spread over the client.

Credentials come from the environment only, are in no ``repr`` and in no log.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

from shopwatch.config.retailer_settings import ProxyMode, ProxySettings
from shopwatch.domain.addresses import redact
from shopwatch.domain.errors import Invalid

USERNAME = "SHOPWATCH_PROXY_USERNAME"
PASSWORD = "SHOPWATCH_PROXY_PASSWORD"  # noqa: S105 - the variable's name


@dataclass(frozen=True, kw_only=True, slots=True)
class Proxy:
    """One way out. ``residential`` and ``web_scraper_api`` are shaped as Oxylabs documents them."""

    mode: ProxyMode = "direct"
    url: str = ""
    country: str = "us"
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @classmethod
    def of(
        cls, settings: ProxySettings, environment: Mapping[str, str], *, mode: ProxyMode | None = None
    ) -> Proxy:
        """The proxy a retailer's section asks for.

        Raises:
            Invalid: it needs credentials that the environment does not have.
        """
        mode = mode or settings.mode
        if mode == "direct":
            return DIRECT
        url = settings.residential_url if mode == "residential" else settings.web_scraper_api_url
        if problems := _problems(mode, url, environment):
            raise Invalid(problems)
        return cls(
            mode=mode,
            url=url,
            country=settings.country.lower(),
            username=environment[USERNAME],
            password=environment[PASSWORD],
        )

    def residential_headers(self, session: str) -> dict[str, str]:
        """What opens the residential proxy; one session keeps one exit address."""
        user = self.username.removeprefix("customer-")
        return {
            "Proxy-Authorization": _basic(
                f"customer-{user}-cc-{self.country}-sessid-{session}", self.password
            )
        }

    def api_headers(self) -> dict[str, str]:
        return {"Authorization": _basic(self.username, self.password), "Content-Type": "application/json"}


DIRECT = Proxy()


def _problems(mode: str, url: str, environment: Mapping[str, str]) -> list[str]:
    problems = []
    missing = [name for name in (USERNAME, PASSWORD) if not environment.get(name)]
    if missing:
        problems.append(
            f"proxy.mode is {mode!r}, but the environment has no {' and no '.join(missing)}:"
            " set both there, or choose 'direct'"
        )
    if redact(url) != url:
        problems.append(f"proxy.{mode}_url holds credentials: put them into {USERNAME} and {PASSWORD}")
    return problems


def _basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()
