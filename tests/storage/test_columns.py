"""What a database holds comes back as it was, on either kind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwatch.storage.columns import hash_of, microseconds, moment, storable, to_json


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_comes_back_to_the_microsecond(value: datetime) -> None:
    assert moment(microseconds(value)) == value


def test_a_time_of_another_zone_is_the_same_moment() -> None:
    there = datetime(2026, 1, 17, 13, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert moment(microseconds(there)) == datetime(2026, 1, 17, 8, 0, tzinfo=UTC)


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="not an aware time"):
        microseconds(datetime(2026, 1, 17))  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize(
    ("text", "kept"),
    [("a\0b", "ab"), ("Käse\0", "Käse"), ("half \ud800 pair", "half ? pair"), ("ünïcode ✓", "ünïcode ✓")],
)
def test_text_loses_only_what_a_database_cannot_hold(text: str, kept: str) -> None:
    assert storable(text) == kept


def test_a_document_with_half_a_surrogate_pair_is_cleaned_not_refused() -> None:
    assert to_json({"a\ud800": ["\ud800", 1]}) == '{"a?":["?",1]}'


@given(st.text(), st.text())
def test_two_keys_share_a_hash_only_when_they_are_the_same(one: str, other: str) -> None:
    assert (hash_of(one) == hash_of(other)) == (one == other)
