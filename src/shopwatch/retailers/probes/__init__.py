"""The product pages of the retailers as a browser reads them: positive evidence only."""

from shopwatch.domain.probe import PageProbe
from shopwatch.retailers.probes.bestbuy import BESTBUY_PROBE
from shopwatch.retailers.probes.sessions import SESSION_PROBES
from shopwatch.retailers.probes.target import TARGET_PROBE
from shopwatch.retailers.probes.walmart import WALMART_PROBE

__all__ = ["PROBES", "SESSION_PROBES"]

PROBES: dict[str, PageProbe] = {
    "bestbuy": BESTBUY_PROBE,
    "target": TARGET_PROBE,
    "walmart": WALMART_PROBE,
}
