"""What axe finds wrong with a page, for whoever cannot see it, or its colours, or use a mouse."""

from __future__ import annotations

from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_NOTHING = "0"


def found(page: Page) -> AxeResults:
    """Everything that axe can see. A page that has its half megabyte already, from a look before, is not given it again."""
    script = [_NOTHING] if page.evaluate("'axe' in window") else []
    return Axe(*script).run(page)
