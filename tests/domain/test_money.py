"""Money: whole cents or an error."""

import pytest

from shopwatch.domain.money import Money


@pytest.mark.parametrize(
    ("text", "cents"), [("1,299.99", 129_999), ("$50", 5_000), (" 12 ", 1_200), ("-1", -100)]
)
def test_an_amount_is_read_in_cents(text: str, cents: int) -> None:
    assert Money.parse(text) == Money(cents)


@pytest.mark.parametrize("text", ["", "$", "free", "1.005", "NaN", "Infinity", "9e999999", "1e30"])
def test_what_is_no_price_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        Money.parse(text)
