"""The queue of certificates in a real browser: a Sunday's work by keyboard alone, in every size and light."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect
from sqlalchemy import select

from responder.certificates import files
from responder.certificates.submitting import submit
from responder.models import Certification, Responder
from tests.browser.site import Site, reads_well

pytestmark = pytest.mark.browser
A_PDF = files.Proof("application/pdf", b"%PDF-1.7\n%%EOF")


def picture() -> files.Proof:
    drawn = io.BytesIO()
    sheet = Image.new("RGB", (900, 600), "white")
    ImageDraw.Draw(sheet).text((60, 60), "CERTIFICATE  valid until 31.12.2031", fill="black", font_size=36)
    sheet.save(drawn, "PNG")
    return files.cleaned(drawn.getvalue())


def send(site: Site, name: str, proof: files.Proof, claims: datetime | None = None) -> None:
    with site.services.write() as session:
        person = session.scalars(select(Responder).where(Responder.name == name)).one()
        submit(session, person, "first_aid", proof).expires_at = claims


def comes_to(page: Page, name: str, said: str = "") -> None:
    """The next proof is this person's, and the page hears keys: its script has run once it is loaded, and not before."""
    expect(page.locator("#whose")).to_contain_text(name)
    if said:
        expect(page.get_by_role("status")).to_contain_text(said)
    page.wait_for_load_state()
    expect(page.locator("#expires")).to_be_focused()


def test_a_sundays_work_by_keyboard_alone(site: Site) -> None:
    site.forgive("422")
    for name in ("Aino Virtanen", "Björn Åström"):
        send(site, name, picture())
    send(site, "Chidi Okafor", picture(), claims=datetime(2035, 12, 31, 21, 59, 59, tzinfo=UTC))
    send(site, "Dora Nagy", A_PDF)
    page = site.page("admin")
    page.goto("/people/certificates")
    expect(page.locator("#waiting")).to_have_text("4 wait")
    expect(page.get_by_role("img", name="Aino Virtanen")).to_have_js_property("naturalWidth", 900)
    expect(page.locator("#expires")).to_be_focused()
    reads_well(site, page, "certificates")

    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was decided")
    page.locator("#expires").focus()
    page.keyboard.type("31.12.2031")
    page.keyboard.press("Enter")
    comes_to(page, "Björn Åström", "Verified: Aino Virtanen, First aid, until 2031-12-31.")

    page.keyboard.press("r")
    expect(page.locator("#because-1")).to_be_focused()
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    comes_to(page, "Chidi Okafor", "Not accepted: Björn Åström, First aid: it has ended.")
    page.keyboard.press("u")
    expect(page.locator("#waiting")).to_have_text("3 wait")
    comes_to(page, "Björn Åström")

    page.keyboard.press("s")
    comes_to(page, "Chidi Okafor")
    expect(page.locator("#expires")).to_have_value("31.12.2035")
    page.keyboard.type("12/2031")
    page.keyboard.press("Enter")
    comes_to(page, "Dora Nagy", "Verified: Chidi Okafor, First aid, until 2031-12-31.")
    with page.expect_download() as download:
        page.keyboard.press("o")
    assert download.value.suggested_filename.endswith(".pdf")
    with site.services.read() as session:
        own = session.scalars(
            select(Certification).where(Certification.type == "first_aid", Certification.verified_at.is_not(None))
        )
        assert {one.verified_by for one in own} == {"user:admin"}


def test_the_kinds_and_a_persons_proofs_read_well(site: Site) -> None:
    send(site, "Aino Virtanen", picture())
    page = site.page("admin")
    page.goto("/people/certificate-kinds")
    reads_well(site, page, "certificate-kinds")
    with site.services.read() as session:
        row = session.scalars(select(Responder.id).where(Responder.name == "Aino Virtanen")).one()
    page.goto(f"/people/{row}")
    page.get_by_text("Send a proof for them").click()
    reads_well(site, page, "person-proofs")
    page.locator("#type").select_option("first_aid")
    page.set_input_files("#evidence", {"name": "c.png", "mimeType": "image/png", "buffer": picture().content})
    page.get_by_role("button", name="Send it to be verified").click()
    expect(page.get_by_role("status")).to_have_text("The proof is here and waits to be verified.")
