"""The slow facts of a product, read with what is known of how sites write them."""

from datetime import date

import pytest

from shopwatch.domain.stock import Details

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("street_date", "released_on"),
    [
        ("2026-12-01", date(2026, 12, 1)),
        ("2026-12-01T00:00:00.000Z", date(2026, 12, 1)),
        ("2026-11-22", None),
        ("2026-06-19", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_a_release_is_told_only_while_it_is_to_come(
    street_date: str | None, released_on: date | None
) -> None:
    assert Details(title="Trainer Box", street_date=street_date).released_on(TODAY) == released_on
