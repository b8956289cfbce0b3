"""The machine's own browser, and what it sees of a page. It is driven, not brought along: without one, tests are skipped."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from playwright.sync_api import Browser, Page, sync_playwright

from tests.servers import missing

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
#: Addresses that are asked of nobody but the machine itself.
_OWN = ("file:", "data:", "about:", "blob:", "http://127.0.0.1", "http://localhost")


@dataclass
class Sight:
    """What was seen of a page: what axe finds, what it asked for elsewhere, what it complained of, and its measures."""

    violations: list[str] = field(default_factory=list)
    remote: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    overflow: int = 0
    smallest: float = 0.0
    paper: str = ""


class Beholder:
    """Looks at pages, one after the other.

    Playwright keeps an event loop running in its thread, in which no other test could start one: it has a thread
    of its own.
    """

    def __init__(self, thread: ThreadPoolExecutor, browser: Browser) -> None:
        self._thread, self._browser = thread, browser

    def look(
        self, url: str, width: int = 1200, *, dark: bool = False, act: Callable[[Page], object] = lambda page: None
    ) -> Sight:
        """A page at a width, in light or dark; `act` is done to it first: a click, a key."""
        return self._thread.submit(self._looked, url, width, dark, act).result(timeout=120)

    def _looked(self, url: str, width: int, dark: bool, act: Callable[[Page], object]) -> Sight:
        context = self._browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light", reduced_motion="reduce"
        )
        try:
            return _sight(context.new_page(), url, act)
        finally:
            context.close()


def _sight(page: Page, url: str, act: Callable[[Page], object]) -> Sight:
    sight = Sight()
    page.on("request", lambda asked: None if asked.url.startswith(_OWN) else sight.remote.append(asked.url))
    page.on("console", lambda said: sight.complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: sight.complaints.append(str(error)))
    page.goto(url, wait_until="load")
    act(page)
    sight.overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    sight.smallest = page.evaluate(_SMALLEST)
    sight.paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.evaluate(_axe())
    found = page.evaluate("axe.run()")["violations"]
    sight.violations = [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]
    return sight


@cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


#: The size of the smallest letters that can be seen.
_SMALLEST = """Math.min(...[...document.body.querySelectorAll("*")]
  .filter(element => element.getClientRects().length)
  .filter(element => [...element.childNodes].some(node => node.nodeType == 3 && node.textContent.trim()))
  .map(element => parseFloat(getComputedStyle(element).fontSize)))"""


@contextmanager
def beholder() -> Iterator[Beholder]:
    """A browser, for as long as it is needed."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        missing("browser", "install chromium")
    with ThreadPoolExecutor(max_workers=1) as thread:
        driver = thread.submit(lambda: sync_playwright().start()).result()
        # Chromium's sandbox refuses to run as root, as in most containers.
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        started = thread.submit(lambda: driver.chromium.launch(executable_path=program, args=options))
        try:
            yield Beholder(thread, started.result())
        finally:
            thread.submit(lambda: started.result().close()).result()
            thread.submit(driver.stop).result()
