"""The harness itself: pages load as each role, texts flow both ways, and what goes wrong in a browser is noticed."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from dispatch import intake
from dispatch.reports import NewIncident
from geo.geocoding import open_geocoder
from tests.browser import town
from tests.browser.site import Site, reads_well

pytestmark = pytest.mark.browser


def test_the_start_page_opens_without_complaints(site: Site) -> None:
    page = site.page(None)
    page.goto("/")
    reads_well(site, page, "start")


def test_texts_flow_both_ways(site: Site) -> None:
    wanted = NewIncident.model_validate({"type": "cardiac_arrest", "address": "Torikatu 1"})
    opened = intake.open_incident(site.services, open_geocoder(site.services), wanted, "user:dispatcher")
    until = time.monotonic() + 8
    while not site.texts_to(town.phone_of(0)) and time.monotonic() < until:
        time.sleep(0.02)
    assert "CARDIAC ARREST" in site.texts_to(town.phone_of(0))[0]
    site.carrier.text(town.phone_of(0), "1")
    while len(site.texts_to(town.phone_of(0))) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    assert "Torikatu" in site.texts_to(town.phone_of(0))[1]
    assert opened.incident_id


def test_a_town_is_new_for_every_test(site: Site) -> None:
    assert site.texts_to(town.phone_of(0)) == []


def test_foreign_hosts_and_errors_are_noticed(site: Site) -> None:
    page = site.page(None)
    page.goto("/")
    page.evaluate("fetch('https://example.org/').catch(() => {})")
    page.evaluate("setTimeout(() => { throw new Error('ours') })")
    expect(page.locator("h1")).to_be_visible()
    page.goto("/nothing-here")
    with pytest.raises(AssertionError, match="complained"):
        site.check()
    for part in ("Content Security Policy", "ours", "404"):
        assert any(part in one for one in site.complaints), part
    site.forgive("")


@pytest.mark.parametrize("webgl", [True, False])
def test_webgl_is_there_or_not_as_asked(site: Site, webgl: bool) -> None:
    page = site.page(None, webgl=webgl)
    page.goto("/")
    assert page.evaluate("!!document.createElement('canvas').getContext('webgl2')") is webgl
