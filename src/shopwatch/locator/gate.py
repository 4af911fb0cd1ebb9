"""The gate: every reason, in words, not to replace the last good set by what a run brought."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from shopwatch.domain.errors import ErrorClass
from shopwatch.domain.run import Run
from shopwatch.domain.store import STORE_FIELDS, Store, StoreStatus
from shopwatch.locator.changes import plain_address
from shopwatch.ports import KnownStore

#: A field fewer stores than this had before is too rare to be missed.
_RARE_SHARE = 0.05
#: A holiday's hours come and go with the holiday.
_SEASONAL_FIELDS = frozenset({"dated_hours"})
#: Without these a first set is not a directory of stores.
_ESSENTIAL_FIELDS = ("name", "address", "city")
_PERCENT = 100.0


@dataclass(frozen=True, kw_only=True, slots=True)
class GateLimits:
    """What a run may lose and still be published, per cent."""

    max_loss_percent: float = 2.0  #: of the stores; a single store may always be missing
    max_field_loss_percent: float = 10.0  #: of the stores that had a field
    max_growth_percent: float = 50.0  #: of the stores: more were counted twice, or are another's
    max_failed_percent: float = 5.0  #: of the pages
    max_unread_percent: float = 1.0  #: of the pages: came, but could not be read
    max_gone_percent: float = 20.0  #: of the pages the site's own list named
    max_duplicates_percent: float = 5.0  #: more than before, of the stores
    min_essential_percent: float = 80.0  #: of a first set's stores have a name, an address, a city


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """All that a rule may look at."""

    run: Run
    seen: Sequence[Store]
    good: Sequence[Store]  #: those of the last good set the run should have found
    limits: GateLimits
    unread: int | None = None  #: pages that came and could not be read; None: only the errors were counted

    @property
    def pages(self) -> int:
        """Pages of stores: those of the last phase, read or not."""
        return self.run.phases[-1].total if self.run.phases else 0


def judge(
    run: Run,
    seen: Sequence[Store],
    known: Sequence[KnownStore],
    *,
    limits: GateLimits | None = None,
    unread: int | None = None,
) -> list[str]:
    """Every reason against publishing the run; none: it is good. ``unread``: see ``Evidence``."""
    expected = [old.store for old in known if old.closed_at is None and old.missed_runs == 0]
    evidence = Evidence(run=run, seen=seen, good=expected, limits=limits or GateLimits(), unread=unread)
    return [reason for rule in RULES for reason in rule(evidence)]


def coverage(stores: Sequence[Store], names: Sequence[str] = STORE_FIELDS) -> dict[str, float]:
    """For each field the share of the stores, 0 to 1, whose page gave it."""
    if not stores:
        return dict.fromkeys(names, 0.0)
    return {name: sum(_is_known(getattr(store, name)) for store in stores) / len(stores) for name in names}


def whole_run(case: Evidence) -> Iterator[str]:
    if case.run.options.test:
        yield "a test run fetches a few pages only"
    if case.run.options.limit is not None:
        yield f"the run was limited to {case.run.options.limit:,} stores: not the whole directory"


def some_stores(case: Evidence) -> Iterator[str]:
    if not case.seen:
        yield "the run found no store"


def no_loss(case: Evidence) -> Iterator[str]:
    if not case.good:
        return
    found = {store.ref for store in case.seen}
    missing = sum(store.ref not in found for store in case.good)
    share = _PERCENT * missing / len(case.good)
    allowed = case.limits.max_loss_percent
    if missing > 1 and share > allowed:
        yield (
            f"{missing:,} of {len(case.good):,} stores are missing ({share:.1f} %, allowed {allowed:.1f} %)"
        )


def no_flood(case: Evidence) -> Iterator[str]:
    if not case.good:
        return
    growth = _PERCENT * (len(case.seen) - len(case.good)) / len(case.good)
    allowed = case.limits.max_growth_percent
    if growth > allowed and len(case.seen) - len(case.good) > 1:
        yield (
            f"{len(case.seen):,} stores, {len(case.good):,} before "
            f"({growth:.1f} % more, allowed {allowed:.1f} %)"
        )


def no_field_lost(case: Evidence) -> Iterator[str]:
    if not case.good or not case.seen:
        return
    before, after = coverage(case.good), coverage(case.seen)
    for name, was in before.items():
        if name in _SEASONAL_FIELDS or was < _RARE_SHARE:
            continue
        now, allowed = after[name], case.limits.max_field_loss_percent
        if now == 0:
            yield f"{name} is missing for every store (was {_percent(was)})"
        elif _PERCENT * (was - now) / was > allowed:
            yield (
                f"{name} is known for {_percent(now)} of the stores "
                f"(was {_percent(was)}, allowed loss {allowed:g} %)"
            )


def no_duplicates(case: Evidence) -> Iterator[str]:
    if not case.good or not case.seen:
        return
    before, after = _duplicates(case.good), _duplicates(case.seen)
    more = _PERCENT * (after / len(case.seen) - before / len(case.good))
    if more > case.limits.max_duplicates_percent:
        yield f"{after:,} of {len(case.seen):,} stores have the name and address of another (were {before:,})"


def one_page_one_store(case: Evidence) -> Iterator[str]:
    """Under load, or at stale addresses, a site may answer with another store's page."""
    twice, pages = case.run.duplicates, case.pages
    if pages and _PERCENT * twice / pages > case.limits.max_duplicates_percent:
        yield f"{twice:,} of {pages:,} pages showed a store that another page had shown"


def pages_read(case: Evidence) -> Iterator[str]:
    counts, pages, limits = case.run.errors_by_class, case.pages, case.limits
    if not pages:
        return
    gone = counts.get(ErrorClass.GONE, 0)
    failed = sum(phase.failed for phase in case.run.phases) - gone
    unread = case.unread
    if unread is None:
        unread = min(counts.get(ErrorClass.LAYOUT_CHANGED, 0), failed)  # each try is an error
    if _PERCENT * failed / pages > limits.max_failed_percent:
        yield (
            f"{failed:,} of {pages:,} pages failed ({_PERCENT * failed / pages:.1f} %, "
            f"allowed {limits.max_failed_percent:.1f} %): {_classes(case.run)}"
        )
    elif _PERCENT * unread / pages > limits.max_unread_percent:
        yield f"{unread:,} of {pages:,} pages could not be read: the layout changed"
    if _PERCENT * gone / pages > limits.max_gone_percent:
        yield f"{gone:,} of {pages:,} pages the site names are gone"


def believable_first_set(case: Evidence) -> Iterator[str]:
    """There is nothing to compare a first run with but what a directory must have."""
    if case.good or not case.seen:
        return
    if len(case.seen) * 2 < case.pages and not case.run.errors_by_class.get(ErrorClass.GONE, 0):
        yield f"{case.pages:,} pages gave only {len(case.seen):,} stores"
    share_of = coverage(case.seen, _ESSENTIAL_FIELDS)
    for name in _ESSENTIAL_FIELDS:
        if _PERCENT * share_of[name] < case.limits.min_essential_percent:
            yield f"{name} is known for only {_percent(share_of[name])} of the stores"


RULES: tuple[Callable[[Evidence], Iterator[str]], ...] = (
    whole_run,
    some_stores,
    no_loss,
    no_flood,
    no_field_lost,
    no_duplicates,
    one_page_one_store,
    pages_read,
    believable_first_set,
)


def _is_known(value: object) -> bool:
    return value is not None and value not in ("", (), StoreStatus.UNKNOWN)


def _duplicates(stores: Sequence[Store]) -> int:
    seen = Counter(
        (store.name, plain_address(store.address), store.postcode) for store in stores if store.address
    )
    return sum(count - 1 for count in seen.values())


def _classes(run: Run) -> str:
    counts = sorted(run.errors_by_class.items(), key=lambda pair: -pair[1])
    return ", ".join(f"{name} {count:,}" for name, count in counts if name != ErrorClass.GONE)


def _percent(share: float) -> str:
    """``99.95 %`` must not read as 100."""
    text = f"{_PERCENT * share:.1f}"
    return f"{'99.9' if text == '100.0' and share < 1 else text.removesuffix('.0')} %"
