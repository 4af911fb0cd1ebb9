"""The mission's command line (``run.py``) as a thin map onto ours; its spellings live here only."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from shopwatch.cli.main import main as shopwatch

_DASHBOARD_PORT = "5001"


def main(arguments: Sequence[str] | None = None) -> int:
    """``run.py`` in the mission's words; returns our exit status."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if asked.status:
        return _status(asked)
    is_crawl = bool(asked.retailer or asked.all)
    if lost := _without_meaning(asked, is_crawl=is_crawl):
        parser.error(lost)
    return _crawl(asked) if is_crawl else _watch(asked)


def _without_meaning(asked: argparse.Namespace, *, is_crawl: bool) -> str:
    """Words that would be dropped without a word: of the other of the two programs."""
    if is_crawl:
        others = {"production": asked.mode == "production"}
        others |= {f"--{name}": getattr(asked, name) for name in ("dashboard", "legacy")}
        why = "watches stock: it does not go with --retailer or --all"
    else:
        names = ("exclude", "resume", "incremental", "limit", "proxy", "format")
        others = {f"--{name}": getattr(asked, name) for name in names}
        why = "is about store directories: name them with --retailer, or say --all"
    return next((f"{word} {why}" for word, said in others.items() if said), "")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="run.py",
        description="The mission's words for Shopwatch. Without any: watch stock in test mode.",
        epilog="Everything else is `shopwatch --help`.",
    )
    add = parser.add_argument
    add(
        "mode",
        nargs="?",
        choices=["production", "test"],
        default="test",
        help="production asks for a typed word",
    )
    add("--test", action="store_true", help="test mode (the default); with a retailer: a few pages only")
    add("--dashboard", action="store_true", help=f"with the dashboard at 127.0.0.1:{_DASHBOARD_PORT}")
    add("--legacy", action="store_true", help="each product at its own interval, from product_config.json")
    add("--retailer", "-r", action="append", metavar="NAME", help="crawl this retailer's stores")
    add("--all", "-a", action="store_true", help="crawl every enabled retailer")
    add("--exclude", "-e", action="append", default=[], metavar="NAME", help="but not this one")
    add("--resume", action="store_true", help="go on where the last run stopped")
    add("--incremental", action="store_true", help="fetch only what may have changed")
    add("--limit", type=int, metavar="N", help="stores, at most")
    add("--status", action="store_true", help="show the latest runs")
    add("--proxy", metavar="MODE", help="direct, residential or web_scraper_api")
    add("--format", metavar="LIST", help="after the crawl, also write these: csv, json, geojson, xlsx")
    add("--verbose", "-v", action="store_true", help="log everything to standard error")
    return parser


def _watch(asked: argparse.Namespace) -> int:
    """Stock: the monitor, with the dashboard or without."""
    live = asked.mode == "production" and not asked.test
    words = ["--verbose"] if asked.verbose else []
    words += ["serve", "--port", _DASHBOARD_PORT] if asked.dashboard else ["monitor"]
    words += ["--live"] if live else []
    words += ["--pacing", "fixed", "--old-format"] if asked.legacy else []
    return shopwatch(words)


def _status(asked: argparse.Namespace) -> int:
    """The latest runs, of the retailers named or of all."""
    return max(shopwatch(["runs", *one]) for one in [[name] for name in asked.retailer or []] or [[]])


def _crawl(asked: argparse.Namespace) -> int:
    words = ["--verbose"] if asked.verbose else []
    words += ["crawl", *(asked.retailer or [])]
    for flag in ("all", "resume", "incremental", "test"):
        words += [f"--{flag}"] if getattr(asked, flag) else []
    for name in asked.exclude:
        words += ["--exclude", name]
    words += ["--limit", str(asked.limit)] if asked.limit is not None else []
    words += ["--proxy", asked.proxy] if asked.proxy else []
    words += ["--format", asked.format] if asked.format else []
    return shopwatch(words)
