"""A file of others, from upload to undoing it, in a real browser: by keyboard alone, day and night, wide and narrow."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Site, reads_well

pytestmark = pytest.mark.browser
FILE = (
    "Jäsennumero;Sukunimi;Etunimi;Puhelinnumero;Katu;Talonumero;Suostumus;Oma huomautus\n"
    "7;Importtinen;Aino;+447700900801;Torikatu;1;1.1.2026;tuntee kaupungin\n"
    "8;Importtinen;Eero;+447700900802;Torikatu;3;1.1.2026;\n"
)


def _press(page: Page, role: str, name: str) -> None:
    page.get_by_role(role, name=name).focus()  # type: ignore[arg-type]  # any of the many names of roles
    page.keyboard.press("Enter")


def test_a_file_of_others_from_upload_to_undoing_it(site: Site, tmp_path: Path) -> None:
    site.forgive("422")
    path = tmp_path / "jasenet.csv"
    path.write_text(FILE, encoding="utf-8-sig")
    page = site.page("admin")
    page.goto("/people/import")
    page.set_input_files("#file", path)
    _press(page, "button", "Check the file")
    page.get_by_label("Puhelinnumero").select_option("")
    _press(page, "button", "Check the file")
    expect(page.get_by_role("alert")).to_contain_text("phone is needed")
    reads_well(site, page, "import-columns-wrong")
    page.get_by_label("Puhelinnumero").select_option("phone")
    _press(page, "button", "Check the file")
    _press(page, "button", "Import 2 people")
    expect(page.get_by_role("link", name="See the people")).to_be_visible(timeout=30_000)
    reads_well(site, page, "import-done")
    _press(page, "link", "Undo this import")
    expect(page.get_by_role("heading", level=1)).to_have_text("Undo an import")
    reads_well(site, page, "import-undo")
    _press(page, "button", "Undo it for 2 people")
    expect(page.get_by_role("heading", name="Undone")).to_be_visible(timeout=30_000)
    expect(page.locator("dl.counts")).to_contain_text("2")
    page.goto("/people?q=Importtinen")
    expect(page.locator(".person")).to_have_count(0)
