"""What axe finds wrong with a page, for whoever cannot see it, or its colours, or use a mouse."""

from __future__ import annotations

from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# What it found nothing wrong with is left where it is: to bring all of it over took a third of the time.
_LOOK = "(which) => axe.run({resultTypes: ['violations'], ...which}).then((found) => ({violations: found.violations}))"
_OF_COLOURS = ["color-contrast", "link-in-text-block"]
"""What axe looks at by itself of its `cat.color`."""


def found(page: Page, *, colours_alone: bool = False) -> AxeResults:
    """Everything that axe can see, or all of it that has to do with colours. A page that has its half megabyte already, from a
    look before, is not given it again."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    return AxeResults(page.evaluate(_LOOK, {"runOnly": _OF_COLOURS} if colours_alone else {}))
