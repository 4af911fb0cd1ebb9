"""Where a retailer's site is: its own file says, the configuration overrides, secrets are elsewhere."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace

from pydantic import HttpUrl, SecretStr

from shopwatch.config.retailer_settings import RetailerSettings
from shopwatch.domain.errors import Invalid
from shopwatch.domain.site import Site

_VARIABLE = re.compile(r"^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$")


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
