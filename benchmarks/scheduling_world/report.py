"""The results as a page and a plot, written so that a loss is as easy to find as a win."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any
from xml.sax.saxutils import escape

from scheduling_world.goals import Rows, Verdict, mean
from scheduling_world.runs import OURS, OURS_EVEN

WIDTH, ROW_HEIGHT, LEFT, RIGHT, TOP = 860, 34, 120, 30, 60
LEGEND_WIDTH = 106
COLOURS = {
    "fixed": "#9aa5b1",
    "round robin": "#627d98",
    "priority": "#b08900",
    "ours": "#1c7c54",
    "ours, even": "#8ce99a",
    "no drops": "#e8590c",
    "clairvoyant, doubting": "#ffa8a8",
    "clairvoyant": "#c92a2a",
}
COLUMNS = (("vcapture", "share"), ("single", "alone"), ("drop", "in drops"), ("lat50", "median delay, s"))


def page(
    rows: Rows,
    scenarios: Sequence[str],
    policies: Sequence[str],
    judged: tuple[Sequence[Verdict], Sequence[Verdict]],
    how: Sequence[str],
) -> str:
    """Return the Markdown page. ``judged``: with the price of a look, and spaced evenly."""
    whole, even = judged
    lines = [
        "# How much the scheduler catches",
        "",
        "Written by `benchmarks/scheduling.py`; do not edit by hand.",
        "What the words mean: [scheduling](explanation/scheduling.md).",
        "",
        *[line for paragraph in how for line in (paragraph, "")],
        "## Goals",
        "",
        *_table(whole),
        "",
    ]
    if even:
        lines += [
            "## The same goals, requests spaced evenly",
            "",
            f"*{OURS_EVEN}*: what is set at first.",
            "",
        ]
        lines += [*_table(even), ""]
    lines += [
        "## Captured share",
        "",
        "Weighted by value, second half of the run, mean over the seeds; (n): n seeds, where not as many as",
        "ours. The goals compare on the seeds both have.",
        "",
    ]
    lines += ["![Captured share by scenario and policy](performance-scheduling.svg)", ""]
    lines += _shares(rows, scenarios, policies)
    lines += ["", "## Details", ""]
    lines += _details(rows, scenarios, policies)
    return "\n".join(lines) + "\n"


def _table(judged: Iterable[Verdict]) -> list[str]:
    lines = ["| | goal | measured | |", "| --- | --- | --- | --- |"]
    return lines + [f"| {v.number} | {v.asked} | {v.measured} | {v.word} |" for v in judged]


def _shares(rows: Rows, scenarios: Sequence[str], policies: Sequence[str]) -> list[str]:
    lines = [
        "| scenario | days | seeds | " + " | ".join(policies) + " |",
        "| --- | --- | --- |" + " --- |" * len(policies),
    ]
    for scenario in scenarios:
        found = [rows(scenario, policy) for policy in policies]
        seeds = len(rows(scenario, OURS))
        days = " to ".join(str(n) for n in sorted({len(row["curve"]) for part in found for row in part}))
        shares = [_share(part, seeds) for part in found]
        lines.append(f"| {scenario} | {days} | {seeds} | " + " | ".join(shares) + " |")
    return lines


def _share(part: Sequence[dict[str, Any]], usual: int) -> str:
    if not part:
        return ""
    return f"{mean(part):.4f}" + (f" ({len(part)})" if len(part) != usual else "")


def held_out(rows: Rows, scenario: str, apart: Sequence[dict[str, Any]]) -> list[str]:
    """Return a sentence about the seeds nothing was ever chosen with a look at, beside the published ones."""
    told = []
    for policy in dict.fromkeys(row["policy"] for row in apart):
        here = [row for row in apart if row["policy"] == policy]
        there = rows(scenario, policy)
        if there:
            told.append(f"{policy} {mean(here):.4f} ({mean(there):.4f}; {len(here)} and {len(there)} seeds)")
    if not told:
        return []
    seeds = sorted({str(row["seed"]) for row in apart}, key=int)
    return [f"{scenario} on held-out seeds {' and '.join(seeds)} (published seeds): {', '.join(told)}."]


def _details(rows: Rows, scenarios: Sequence[str], policies: Sequence[str]) -> list[str]:
    names = [name for _, name in COLUMNS]
    lines = [
        "| scenario | policy | "
        + " | ".join(names)
        + " | requests of the budget | false alerts | double alerts |",
        "| --- | --- |" + " --- |" * (len(names) + 3),
    ]
    for scenario in scenarios:
        for policy in policies:
            found = rows(scenario, policy)
            if found:
                lines.append(f"| {scenario} | {policy} | {_numbers(found)} |")
    return lines


def _numbers(found: Sequence[dict[str, Any]]) -> str:
    values = [
        f"{mean(found, column):.1f}" if column == "lat50" else f"{mean(found, column):.4f}"
        for column, _ in COLUMNS
    ]
    spent = fmean(row["requests"] / row["budget"] for row in found)
    values += [
        f"{spent:.1%}",
        str(sum(row["false_alerts"] for row in found)),
        str(sum(row["dup_alerts"] for row in found)),
    ]
    return " | ".join(values)


def plot(rows: Rows, scenarios: Sequence[str], policies: Sequence[str]) -> str:
    """Return an SVG: one line per scenario, one dot per policy."""
    shown = [scenario for scenario in scenarios if any(rows(scenario, policy) for policy in policies)]
    height = TOP + ROW_HEIGHT * len(shown) + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"',
        'font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
    ]
    parts += _legend(policies)
    for tenth in range(0, 11, 2):
        x = _x(tenth / 10)
        bottom = height - 30
        parts.append(f'<line x1="{x:.1f}" y1="{TOP - 10}" x2="{x:.1f}" y2="{bottom}" stroke="#e4e7eb"/>')
        parts.append(f'<text x="{x:.1f}" y="{height - 12}" text-anchor="middle">{tenth / 10:.1f}</text>')
    for number, scenario in enumerate(shown):
        y = TOP + ROW_HEIGHT * number + ROW_HEIGHT / 2
        parts.append(f'<text x="{LEFT - 12}" y="{y + 4:.1f}" text-anchor="end">{escape(scenario)}</text>')
        shares = {policy: mean(found) for policy in policies if (found := rows(scenario, policy))}
        low, high = _x(min(shares.values())), _x(max(shares.values()))
        parts.append(
            f'<line x1="{low:.1f}" y1="{y}" x2="{high:.1f}" y2="{y}" stroke="#cbd2d9" stroke-width="2"/>'
        )
        for policy, share in shares.items():
            title = f"<title>{escape(policy)} on {escape(scenario)}: {share:.4f}</title>"
            colour = COLOURS.get(policy, "#000")
            parts.append(f'<circle cx="{_x(share):.1f}" cy="{y}" r="6" fill="{colour}">{title}</circle>')
    return "\n".join([*parts, "</svg>", ""])


def _legend(policies: Sequence[str]) -> list[str]:
    parts = []
    for number, policy in enumerate(policies):
        x = LEFT + number * LEGEND_WIDTH
        parts.append(f'<circle cx="{x}" cy="24" r="6" fill="{COLOURS.get(policy, "#000")}"/>')
        parts.append(f'<text x="{x + 12}" y="28">{escape(policy)}</text>')
    return parts


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
