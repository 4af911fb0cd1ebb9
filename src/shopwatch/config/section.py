"""What every section of the settings is made of: unknown keys are errors, units are in the descriptions."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from shopwatch.config import shops, times

Seconds = Annotated[float, Field(ge=0, le=604_800)]
Interval = Annotated[float, Field(gt=0, le=604_800)]  #: seconds, never zero
Dollars = Annotated[float, Field(ge=0, le=1_000_000)]


def _is_known(name: str, info: ValidationInfo) -> str:
    known: shops.Shops | None = info.context
    return name if known is None else shops.check(name, known.all)


def _has_stock(name: str, info: ValidationInfo) -> str:
    known: shops.Shops | None = info.context
    return name if known is None else shops.check(name, known.stock)


def _schedule(expression: str | None) -> str | None:
    return None if expression is None else times.schedule(expression)


def _time_zone(name: str) -> str:
    times.zone(name)
    return name


#: Which there are is the validation's context, a ``Shops``; without one any name is taken.
RetailerId = Annotated[str, AfterValidator(_is_known)]
StockRetailerId = Annotated[str, AfterValidator(_has_stock)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Schedule = Annotated[str | None, AfterValidator(_schedule)]


class Section(BaseModel):
    """Unknown keys are errors; a loaded section never changes; pydantic never echoes a wrong value."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
