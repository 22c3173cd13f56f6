"""The dispatcher's desk as tests use it: opened, and asked to raise what a test needs."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from dispatch import intake
from dispatch.reports import NewIncident
from geo.geocoding import open_geocoder
from tests.browser import town
from tests.browser.site import PATIENCE_MS, Site


def open_desk(site: Site, role: str = "dispatcher", width: int = 1600, dark: bool = False, webgl: bool = False) -> Page:
    """The desk, read and alive; without its map, which software draws slowly, unless a test is about that."""
    page = site.page(role, width=width, dark=dark, webgl=webgl)
    page.goto("/desk")
    expect(page.locator("html[data-ready]")).to_be_attached(timeout=PATIENCE_MS)
    return page


def report(site: Site, address: str = "Torikatu 1", **more: object) -> str:
    """An emergency that somebody else reports; returns its id."""
    wanted = NewIncident.model_validate({"type": "cardiac_arrest", "address": address} | more)
    return intake.open_incident(site.services, open_geocoder(site.services), wanted, "key:cad").incident_id


def answer(site: Site, person: int, text: str) -> None:
    """The person with this number texts, once they have been asked."""
    phone = town.phone_of(person)
    until(lambda: bool(site.texts_to(phone)))
    site.carrier.text(phone, text)


def until(true: Callable[[], bool], seconds: float = 8.0) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.02)


def row_of(page: Page, name: str) -> Locator:
    """The row of a volunteer."""
    return page.locator(".person", has_text=name)


def choose(page: Page, incident_id: str) -> None:
    """Open an emergency from the list."""
    page.locator(f'#board [data-id="{incident_id}"]').click()
    expect(page.locator("#incident")).to_be_visible()
