"""People who use the site while it is released: new visitors, and tabs that were opened before."""

import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from local.platform import Platform

_LOADED = re.compile(r'(?:src|href)="(/_next/static/[^"]+)"')


@dataclass(kw_only=True)
class Visits:
    """Every request that was made. failures: by what was asked for and which status came."""

    requests: int = 0
    failures: Counter[str] = field(default_factory=Counter)

    @property
    def failed(self) -> int:
        return self.failures.total()

    def count(self, path: str, status: int) -> None:
        self.requests += 1
        if status != 200:
            self.failures[f"{status} {path}"] += 1


@contextmanager
def visiting(platform: Platform, *, open_tab: Sequence[str]) -> Iterator[Visits]:
    """Open the site with all that its page names, and ask for what an open tab still may, until the block ends."""
    visits, begun, stop = Visits(), threading.Event(), threading.Event()

    def visit() -> None:
        with platform.visitor() as browser:
            while not stop.is_set():
                page = browser.get("/")
                visits.count("/", page.status_code)
                for path in [*_LOADED.findall(page.text), *open_tab]:
                    visits.count(path, browser.get(path).status_code)
                begun.set()

    visitor = threading.Thread(target=visit)
    visitor.start()
    try:
        begun.wait(timeout=30)
        yield visits
    finally:
        stop.set()
        visitor.join()
