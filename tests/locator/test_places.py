"""Places by ZIP code; what is none is told before the table is read."""

import pytest

from shopwatch.domain.errors import Invalid
from shopwatch.locator.places import place_of


@pytest.mark.parametrize("text", ["", "5511", "551111", "55111\n", "５５１１１", "5511a"])
def test_what_is_no_zip_code_is_told(text: str) -> None:
    with pytest.raises(Invalid, match="a ZIP code has five digits"):
        place_of(text)
