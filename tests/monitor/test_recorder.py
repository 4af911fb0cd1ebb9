"""The recorder's mirror of the states: never older than what it has recorded itself."""

from __future__ import annotations

from dataclasses import replace

from tests.fakes import MemoryObservations
from tests.monitor.looks import IN, OUT, seen

from shopwatch.domain.stock import Details, Key, Product
from shopwatch.domain.stock_state import StockState
from shopwatch.monitor.recorder import Recorder

KEY = ("target", "89542109")


class Rereading(MemoryObservations):
    """Gives a snapshot that was made before the latest change."""

    def __init__(self) -> None:
        super().__init__()
        self.snapshot: dict[Key, StockState] = {}

    async def load(self) -> dict[Key, StockState]:
        return dict(self.snapshot)


async def test_a_change_recorded_while_the_states_are_read_again_stays() -> None:
    observations = Rereading()
    recorder = Recorder(observations)
    observations.snapshot[KEY] = StockState(key=KEY, version=2, availability=IN)
    await recorder.load()
    observations.snapshot[KEY] = StockState(key=KEY, version=1, availability=OUT)
    await recorder.load()
    assert recorder.state(KEY).availability is IN


async def test_what_another_process_recorded_meanwhile_is_taken_over() -> None:
    observations = Rereading()
    recorder = Recorder(observations)
    observations.snapshot[KEY] = StockState(key=KEY, version=1, availability=OUT)
    await recorder.load()
    observations.snapshot[KEY] = StockState(key=KEY, version=2, availability=IN)
    await recorder.load()
    assert recorder.state(KEY).availability is IN


async def test_a_title_learnt_before_the_details_does_not_take_them_back() -> None:
    observations = MemoryObservations()
    observations.states[KEY] = StockState(key=KEY, version=1)
    recorder = Recorder(observations)
    await recorder.load()
    look = seen(IN)
    recorder.learn_title(
        [replace(look, product=Product(retailer=KEY[0], sku=look.product.sku, name="Cards"))]
    )
    key = look.product.key
    await recorder.save_details(key, Details(title="Cards", purchase_limit=2, image_url="https://x/y.png"))
    await recorder.flush()
    saved = observations.states[key]
    assert (saved.purchase_limit, saved.image_url) == (2, "https://x/y.png")
