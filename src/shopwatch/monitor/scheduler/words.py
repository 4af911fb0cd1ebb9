"""Why a product is checked when it is, said so that a person believes it."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HABIT_SHARE = 0.5  #: of the restocks within two hours of the day makes a habit worth naming
HABIT_LEAST = 3  #: restocks

STRETCH_WORTH_SAYING = 1.005
UNITS = (("s", 1.0, 100.0), ("min", 60.0, 5940.0), ("h", 3600.0, 172_800.0))  # name, s, used below, s

NEVER_CHECKED = "not checked yet"
IN_FLIGHT = "being checked now"
ASKED = "you asked for it"
DOUBTFUL = "a surprising answer is asked again before it is believed"
LITTLE_DATA = "little is known about it yet"
WAITING = "waiting for its turn: the requests allowed to this host are used up"
IN_STOCK = "in stock: looked at to see it sell out"


def seconds(s: float) -> str:
    """Return a duration as people say it: ``40 s``, ``3 min``, ``2 h``, ``5 days``."""
    for unit, size, until in UNITS:
        if s < until:
            return f"{s / size:.2g} {unit}" if s < 10 * size else f"{round(s / size)} {unit}"
    return f"{round(s / 86_400.0)} days"


def every(interval_s: float, stretch: float) -> str:
    """Name the person's own interval, and by how much the budget stretches it."""
    asked = f"its check_frequency is {seconds(interval_s)}"
    if stretch < STRETCH_WORTH_SAYING:
        return asked
    return f"{asked}, stretched by {round(100 * (stretch - 1))} % to fit the budget"


def sibling(ago_s: float) -> str:
    return f"a sibling came back {seconds(max(0.0, ago_s))} ago"


def paused(until: float, zone: tzinfo) -> str:
    return f"the retailer is paused until {clock(until, zone)}"


def failed(times: int) -> str:
    return (
        "trying again after no verdict"
        if times == 1
        else f"trying again after {times} looks without a verdict"
    )


def usual_rate(per_s: float) -> str:
    return f"it comes back about every {seconds(1 / max(per_s, 1e-9))}"


def second_wave(ago_s: float) -> str:
    return f"its family came back {seconds(max(0.0, ago_s))} ago and a second wave often follows"


def clock(at: float, zone: tzinfo) -> str:
    return f"{datetime.fromtimestamp(at, tz=UTC).astimezone(zone):%H:%M}"


def usual_hours(half_hours: Sequence[int]) -> str | None:
    """Name the habit in a product's restocks, given as half hours of the week (Monday 0:00 is 0), if any.

    First a slot of the week ("3 of its 4 restocks came Wed …"), else two hours of the day.
    """
    if len(half_hours) < HABIT_LEAST:
        return None
    weekly = _densest(half_hours, width=2, period=336)
    if weekly[1] >= max(HABIT_LEAST, 0.6 * len(half_hours)):
        day, half = divmod(weekly[0], 48)
        return f"{weekly[1]} of its {len(half_hours)} restocks came {DAYS[day]} {_span(half, 2)}"
    daily = _densest([h % 48 for h in half_hours], width=4, period=48)
    if daily[1] >= max(HABIT_LEAST, HABIT_SHARE * len(half_hours)):
        return f"{daily[1]} of its {len(half_hours)} restocks came {_span(daily[0], 4)}"
    return None


def family_hour(half_hour: int) -> str:
    """Name the half hour of the week in which a family often comes back."""
    day, half = divmod(half_hour, 48)
    return f"its family often comes back {DAYS[day]} {_span(half, 1)}"


def busy_hour(half_hour: int) -> str:
    return f"{_span(half_hour % 48, 1)} is a busy time at this retailer"


def _densest(slots: Sequence[int], *, width: int, period: int) -> tuple[int, int]:
    """Return the start and the count of the fullest ``width`` slots in a row, round the clock."""
    counts = Counter(slots)
    starts = {(slot - back) % period for slot in counts for back in range(width)}

    def count(start: int) -> int:
        return sum(counts[(start + i) % period] for i in range(width))

    best = max(starts, key=lambda start: (count(start), start in counts, -start))
    return best, count(best)


def _span(half: int, width: int) -> str:
    return f"{_half(half)}–{_half((half + width) % 48)}"


def _half(half: int) -> str:
    return f"{half // 2:02}:{half % 2 * 30:02}"
