"""Words of bodies taken as they are: a 0 that counts as no hides a mistake that may cost money."""

from typing import Annotated

from pydantic import Field

Flag = Annotated[bool, Field(strict=True)]
Whole = Annotated[int, Field(strict=True)]
Amount = Annotated[float, Field(strict=True)]  #: a whole number will do
