"""A volunteer's own page in a real browser: on a phone, day and night, by keyboard alone, without barriers."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, expect
from sqlalchemy import select

from core.settings import Settings
from responder.links.making import make_link
from responder.models import Responder
from tests.browser.site import Site, reads_well
from tests.people.proofs import picture

pytestmark = pytest.mark.browser


def link_for(site: Site, name: str) -> str:
    with site.services.write() as session:
        person = session.scalars(select(Responder).where(Responder.name == name)).one()
        settings: Settings = site.services.settings
        return make_link(session, settings, person).removeprefix(settings.public_url)


def test_the_whole_visit_on_a_phone_by_keyboard(site: Site) -> None:
    site.forgive("422|410")
    page = site.page(None, width=360)
    link = link_for(site, "Dora Nagy")
    page.goto(link)
    reads_well(site, page, "me-open", widths=(360,))
    page.get_by_role("button", name="Open my page").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dora Nagy")
    reads_well(site, page, "me", widths=(360, 1600))
    page.get_by_text("Send a new certificate").press("Enter")
    page.get_by_role("button", name="Send it").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("This is none")
    expect(page.get_by_role("alert")).to_be_in_viewport()
    reads_well(site, page, "me-no-proof", widths=(360,))
    photo = FilePayload(name="cpr.jpg", mimeType="image/jpeg", buffer=picture().read())
    page.get_by_label("Picture or PDF").set_input_files(photo)
    page.get_by_role("button", name="Send it").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Somebody looks at it soon.")
    page.get_by_role("link", name="Change").press("Enter")
    page.locator("#work_address").fill("Torikat 5")
    page.get_by_label("Work, Monday: from").fill("08:00")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved yet")
    reads_well(site, page, "me-change-wrong", widths=(360,))
    page.get_by_label("Work, Monday: to").fill("16:00")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("Which of these is meant?")).to_be_visible()
    page.get_by_label("Torikatu 5").check()
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_role("status")).to_have_text("Saved.")
    expect(page.get_by_text("Mon 08:00–16:00")).to_be_visible()
    page.get_by_role("button", name="Close my page on this phone").press("Enter")
    page.goto("/me")
    reads_well(site, page, "me-ended", widths=(360,))


def test_joining_on_a_phone_without_barriers(site: Site) -> None:
    site.forgive("422")
    page = site.page(None, width=360)
    page.goto("/join?lang=fi")
    page.get_by_label("Nimi", exact=True).fill("Uusi Ihminen")
    page.get_by_label("Oma matkapuhelinnumerosi").fill("+44 7700 900777")
    page.get_by_label("Koti: katu ja numero").fill("Torikat 5")
    page.get_by_label("Suostun").check()
    page.get_by_role("button", name="Lähetä koodi").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("18-vuotias")
    reads_well(site, page, "join-wrong", widths=(360,))
    page.get_by_label("Torikatu 5").check()
    page.get_by_label("Olen vähintään 18-vuotias").check()
    page.get_by_role("button", name="Lähetä koodi").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Viestimme koodi")
    reads_well(site, page, "join-code", widths=(360,))
