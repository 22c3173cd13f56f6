"""A new service's first pages in a real browser: the set-up link, the go-live list, the settings, the area."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete

from console.models import User, UserSession
from console.setup import links
from tests.browser.desk import until
from tests.browser.site import PASSWORD, Site, reads_well

pytestmark = pytest.mark.browser
OWN_PHONE = "+447700900899"


def _link(site: Site) -> str:
    """A set-up link, in a service where nobody can sign in yet."""
    with site.services.write() as session:
        session.execute(delete(UserSession))
        session.execute(delete(User))
        return links.address(site.url, links.make(session))


def test_the_admins_pages_read_well(site: Site) -> None:
    page = site.page("admin")
    for address, name in (("/admin", "go-live"), ("/admin/settings", "settings"), ("/admin/area", "area-import")):
        page.goto(address)
        reads_well(site, page, name)


def test_the_set_up_page_reads_well_with_and_without_mistakes(site: Site) -> None:
    site.forgive("422")
    page = site.page(None)
    page.goto(_link(site))
    reads_well(site, page, "set-up")
    page.get_by_role("button", name="Set it up").click()
    expect(page.locator("#summary")).to_be_focused()
    reads_well(site, page, "set-up-mistakes")


def test_a_link_leads_to_a_service_of_ones_own_and_its_first_admin(site: Site) -> None:
    page = site.page(None)
    page.goto(_link(site))
    page.get_by_label("Name of the service").fill("Monaco First Responders")
    page.get_by_label("Contact phone").fill("+377 93 15 30 00")
    page.get_by_label("Country").select_option("MC")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Monaco")
    page.get_by_label("Name to sign in with").fill("anne")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same password once more").fill(PASSWORD)
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_role("heading", name="Bring in your area")).to_be_visible()
    expect(page.locator(".brand")).to_contain_text("Monaco First Responders")


def test_answers_are_proven_by_the_admins_own_phone_and_the_line_turns_green_by_itself(site: Site) -> None:
    page = site.page("admin")
    page.goto("/admin")
    page.get_by_label("Your own phone").fill(OWN_PHONE)
    page.get_by_role("button", name="Send the text").click()
    until(lambda: bool(site.texts_to(OWN_PHONE)))
    site.carrier.text(OWN_PHONE, "it works")
    expect(page.locator("#webhook .state")).to_have_text("done", timeout=15_000)
