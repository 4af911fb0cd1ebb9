"""The values that answers are made of, each with an example: else every shape would explain them anew."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from msgspec import Meta

RetailerId = Annotated[str, Meta(examples=["target"], description="id of one of the six retailers")]
Sku = Annotated[str, Meta(examples=["89542109"], description="the retailer's own number of a product")]
Title = Annotated[str, Meta(examples=["Console, white"])]
Stamp = Annotated[str, Meta(examples=["2026-01-17T04:45:00Z"], description="UTC, to the second")]
EpochSeconds = Annotated[float, Meta(examples=[1768625100.0], description="since 1970")]
Dollars = Annotated[float, Meta(examples=[49.99])]
Url = Annotated[str, Meta(examples=["https://www.target.com/p/-/A-89542109"])]
Number = Annotated[int, Meta(examples=[17], description="id of a row")]
Count = Annotated[int, Meta(examples=[4], ge=0)]
Seconds = Annotated[float, Meta(examples=[42.0])]
Percent = Annotated[float, Meta(examples=[68.4], ge=0, le=100)]
Cursor = Annotated[str, Meta(examples=["WzEuMCwgImNvbnNvbGUiXQ"], description="where the next page begins")]
RunId = Annotated[str, Meta(examples=["verizon_20260117_044500"])]
Sentence = Annotated[str, Meta(examples=["The crawl has started"], description="for a person")]
Why = Annotated[str, Meta(examples=["4 of its 5 restocks came 07:00-09:00"], description="in words")]
StoreNumber = Annotated[str, Meta(examples=["1204"])]
FileName = Annotated[str, Meta(examples=["shopwatch.yaml"])]
BackupName = Annotated[str, Meta(examples=["shopwatch.yaml.backup.20260117_044500"])]

Availability = Literal["in_stock", "limited", "preorder", "out_of_stock", "unknown"]
RunStatus = Literal["pending", "running", "complete", "held", "stopped", "failed", "lost"]


class Done(TypedDict):
    """A change that was made, in a word and in a sentence."""

    status: Annotated[str, Meta(examples=["started"])]
    message: Sentence
