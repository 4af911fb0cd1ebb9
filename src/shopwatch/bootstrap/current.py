"""What follows the configuration in force at each use; else a corrected address would wait for a restart."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TypeVar

from shopwatch.domain.errors import Invalid, Unusable

Made = TypeVar("Made")


class Current(Mapping[str, Made]):
    """Something for each of some retailers, made when it is asked for and kept nowhere.

    Raises:
        Unusable: when asked for one whose key is not set; those nobody asks for are nobody's trouble.
    """

    def __init__(self, names: Collection[str], make: Callable[[str], Made]) -> None:
        self._names = names
        self._make = make

    def __getitem__(self, name: str) -> Made:
        if name not in self._names:
            raise KeyError(name)
        try:
            return self._make(name)
        except Invalid as error:
            raise Unusable(f"{name} cannot be asked: {error}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
