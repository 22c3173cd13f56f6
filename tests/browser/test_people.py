"""The people's pages in a real browser: day and night, wide and narrow, with and without a mouse, with and without script."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from responder.models import Place, Responder
from tests.browser.site import Site, reads_well

pytestmark = pytest.mark.browser
HEADER = "external_id,name,phone,home_address,certification_type,certification_expires,consent_at\n"
GOOD = "".join(f"id-{n},Person {n},+44770090{n:04d},Torikatu 5,cpr,2030-12-31,2026-01-01\n" for n in range(100, 400))
BAD = "bad-1,Doe,12,Torikatu 1,cpr,2030-12-31,2026-01-01\n"


def row_of(site: Site, name: str) -> int:
    with site.services.read() as session:
        return session.scalars(select(Responder.id).where(Responder.name == name)).one()


def a_file(folder: Path, text: str) -> Path:
    path = folder / "people.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_page_fits_and_has_no_barriers(site: Site, tmp_path: Path) -> None:
    page = site.page("admin")
    person = f"/people/{row_of(site, 'Dora Nagy')}"
    for name, path in (("list", "/people"), ("one", person), ("edit", f"{person}/edit"), ("import", "/people/import")):
        page.goto(path)
        reads_well(site, page, f"people-{name}")
    page.set_input_files("#file", a_file(tmp_path, HEADER + GOOD[:200].rpartition("\n")[0] + "\n" + BAD))
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", name="Checked: nothing is written yet")).to_be_visible()
    reads_well(site, page, "people-import-checked")


def test_several_people_are_looked_at_before_anything_is_done(site: Site) -> None:
    page = site.page("admin", width=360)
    page.goto("/people?sort=newest")
    what_to_do = page.get_by_text("Do something to several of them")
    expect(what_to_do).not_to_be_in_viewport()
    page.get_by_label("Tick Dora Nagy").check()
    expect(what_to_do).to_be_in_viewport()  # without being looked for at the end of the list
    site.shot(page, "people-ticked-360")
    what_to_do.click()
    reads_well(site, page, "people-several")
    page.get_by_label("What", exact=True).select_option("suspend")
    page.get_by_label("Why, to suspend or reactivate").fill("a complaint")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Looked at: nothing is done yet")).to_be_visible()
    reads_well(site, page, "people-several-looked-at")
    page.get_by_role("button", name="Suspend at once: 1 person").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Done", exact=True)).to_be_visible()
    page.get_by_role("link", name="Dora Nagy").focus()
    page.keyboard.press("Enter")
    page.locator("#because").fill("it was nothing")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Active again.")


def test_what_is_wrong_in_a_form_has_no_barriers(site: Site) -> None:
    site.forgive("422")
    page = site.page("admin", width=360)
    page.goto("/people/new")
    page.get_by_label("Name", exact=True).fill("New Person")
    page.locator("#home_address").fill("Torikat 5")
    page.get_by_label("Phone").fill("+44 7700 900123")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved yet")
    reads_well(site, page, "people-form-wrong")
    page.get_by_label("Torikatu 5").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Added.")
    expect(page.get_by_role("heading", level=1)).to_have_text("New Person")


def test_an_admin_finds_changes_and_verifies_somebody_by_keyboard(site: Site) -> None:
    page = site.page("admin")
    page.goto("/people")
    page.get_by_label("Name, phone or number").fill("astrom")
    page.keyboard.press("Enter")
    expect(page.locator(".person")).to_have_count(1)
    page.get_by_role("link", name="Björn Åström").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Edit").focus()
    page.keyboard.press("Enter")
    page.locator("#certification-1-type").select_option("first_aid")
    page.locator("#certification-1-number").fill("FA-1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Saved.")
    page.get_by_role("button", name="verify First aid").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Verified.")
    expect(page.locator(".verdicts li", has_text="bleeding")).to_contain_text("Asked, when it is near.")


def test_addresses_are_offered_while_somebody_types(site: Site) -> None:
    page = site.page("admin")
    page.goto("/people/new")
    page.locator("#home_address").press_sequentially("kirkkok")
    expect(page.locator("#home-offers option").first).to_have_attribute("value", "Kirkkokatu")


def test_an_import_shows_how_far_it_is_and_goes_on_alone(site: Site, tmp_path: Path) -> None:
    page = site.page("admin")
    page.goto("/people/import")
    page.set_input_files("#file", a_file(tmp_path, HEADER + GOOD + BAD))
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("button", name="Import 300 people")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("table")).to_contain_text("302")
    page.get_by_role("button", name="Import 300 people").click()
    expect(page.locator("progress")).to_be_visible()
    page.goto("/people")
    page.goto("/people/import")
    page.get_by_role("link", name="See how it went").click()
    expect(page.get_by_role("link", name="See the people")).to_be_visible(timeout=30_000)
    with page.expect_download() as download:
        page.get_by_role("link", name="Refused rows as a file").click()
    assert "302" in Path(download.value.path()).read_text(encoding="utf-8-sig")
    page.get_by_role("link", name="See the people").click()
    expect(page.locator(".head")).to_contain_text("312 volunteers")


def test_without_script_everything_works(site: Site, tmp_path: Path) -> None:
    page = site.page("admin", java_script_enabled=False)
    page.goto("/people/new")
    page.locator("#name").fill("Plain Person")
    page.locator("#phone").fill("+44 7700 900998")
    page.locator("#home_address").fill("Kirkkokatu 3")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Plain Person")
    page.goto("/people/import")
    page.set_input_files("#file", a_file(tmp_path, HEADER + GOOD))
    page.get_by_role("button", name="Check the file").click()
    for _ in range(60):
        if page.get_by_role("button", name="Import 300 people").is_visible():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.get_by_role("button", name="Import 300 people")).to_be_visible()
    with site.services.read() as session:
        assert "Kirkkokatu 3" in session.scalars(select(Place.address)).all()


def test_the_list_pages_through_with_a_keyset(site: Site) -> None:
    page = site.page("auditor")
    page.goto("/people?standing=ready")
    expect(page.locator(".person")).to_have_count(12)
    expect(page.get_by_role("link", name="Next page")).to_have_count(0)
    expect(page.get_by_role("link", name="Add a person")).to_have_count(0)
