"""Limits in dollars: a fraction of a cent never allows a cent more, neither a price nor a cap of buying."""

import pytest

from shopwatch.bootstrap.buying import limits_of
from shopwatch.config.settings import SafetySettings, ShopwatchFile
from shopwatch.config.watches import watches_of
from shopwatch.domain.money import Money


@pytest.mark.parametrize(
    ("dollars", "cents"),
    [(50.006, 5000), (59.999, 5999), (0.29, 29), (19.99, 1999), (50, 5000), (1_000_000, 100_000_000), (0, 0)],
)
def test_every_limit_goes_down_to_the_cent(dollars: float, cents: int) -> None:
    product = {"max_price": dollars, "below_price": dollars}
    (watch,) = watches_of(ShopwatchFile.model_validate({"products": {"1": product}}))
    caps = limits_of(SafetySettings(max_order_total=dollars, max_daily_spend=dollars))

    assert watch.max_price == watch.alert_below_price == Money(cents)
    assert caps.max_order_total == caps.max_daily_spend == Money(cents)


def test_no_limit_stays_none() -> None:
    (watch,) = watches_of(ShopwatchFile.model_validate({"products": {"1": {}}}))
    assert (watch.max_price, watch.alert_below_price) == (None, None)
