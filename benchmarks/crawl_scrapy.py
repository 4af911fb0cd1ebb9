"""One crawl by Scrapy: the same list, the same parser, requests kept in JOBDIR, stores as JSON lines.

"scrapy" is as it comes; "scrapy tuned" handles what a response gives one by one (CONCURRENT_ITEMS=1), which
costs it less.
"""

from __future__ import annotations

import dataclasses
import json
import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import scrapy  # type: ignore[import-not-found,unused-ignore]
from scrapy.crawler import CrawlerProcess  # type: ignore[import-not-found,unused-ignore]

from shopwatch.domain.crawling import Page, Request
from shopwatch.domain.site import Site
from shopwatch.retailers.registry import RETAILERS

LOCATOR = RETAILERS[sys.argv[5]].locator


class Stores(scrapy.Spider):  # type: ignore[misc,unused-ignore]
    name = "stores"
    origin = ""
    pages = 0
    begun_cpu_s = 0.0
    begun_s = 0.0

    async def start(self) -> Any:
        Stores.begun_cpu_s, Stores.begun_s = time.process_time(), time.perf_counter()
        for seed in LOCATOR.seeds:
            yield scrapy.Request(self.origin + seed, cb_kwargs={"phase": LOCATOR.phases[0].name})

    def parse(self, response: Any, phase: str) -> Iterator[Any]:
        Stores.pages += 1
        page = Page(
            request=Request(url=response.request.url, phase=phase),
            url=response.url,
            status=response.status,
            headers={},
            body=response.body,
            fetched_at=datetime.now(UTC),
        )
        for found in LOCATOR.phase(phase).parse(page, Site(base_url=self.origin)):
            if isinstance(found, Request):
                yield scrapy.Request(found.url, cb_kwargs={"phase": found.phase or "extract"})
            else:
                yield dataclasses.asdict(found)


def main() -> None:
    side, origin, folder, workers = sys.argv[1:5]
    Stores.origin = origin
    feed = Path(folder) / "stores.jsonl"
    settings: dict[str, Any] = {
        "LOG_LEVEL": "ERROR",
        "ROBOTSTXT_OBEY": False,
        "JOBDIR": str(Path(folder) / "job"),
        "FEEDS": {str(feed): {"format": "jsonlines"}},
        "CONCURRENT_REQUESTS_PER_DOMAIN": int(workers),
        "TELNETCONSOLE_ENABLED": False,
        "DOWNLOAD_DELAY": 0,
    }
    if side == "scrapy tuned":
        settings["CONCURRENT_ITEMS"] = 1
    process = CrawlerProcess(settings)
    process.crawl(Stores)
    process.start()
    print(
        json.dumps(
            {
                "pages": Stores.pages,
                "stores": sum(1 for _ in feed.open()),
                "cpu_s": time.process_time() - Stores.begun_cpu_s,
                "wall_s": time.perf_counter() - Stores.begun_s,
                "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


if __name__ == "__main__":
    main()
