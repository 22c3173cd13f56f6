"""The service-area page: drawn, imported or pasted, looked at, saved, removed; and only looked at by an auditor."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.events import Event
from geo import zone_changes
from tests.browser.site import Site, axe, fits, wait_for

pytestmark = pytest.mark.browser
READY_MS = 30_000
SQUARE = [[24.93, 60.16], [24.96, 60.16], [24.96, 60.18], [24.93, 60.18], [24.93, 60.16]]


def _open(site: Site, role: str = "admin", **more: object) -> Page:
    page = site.page(role, **more)  # type: ignore[arg-type]
    page.goto("/area")
    page.locator("#map[data-ready]").wait_for(timeout=READY_MS)
    return page


def _names(site: Site) -> list[str]:
    with site.services.read() as session:
        return [zone.name for zone in zone_changes.all_of(session)]


def test_drawing_a_border_and_saving_it(site: Site) -> None:
    page = _open(site)
    page.get_by_role("button", name="Draw on the map").click()
    canvas = page.locator("#map canvas")
    box = canvas.bounding_box()
    assert box is not None
    width, height = box["width"], box["height"]
    for x, y in ((0.3, 0.3), (0.7, 0.3), (0.9, 0.9)):
        canvas.click(position={"x": width * x, "y": height * y}, delay=20)
        page.wait_for_timeout(400)
    page.keyboard.press("Backspace")
    canvas.click(position={"x": width * 0.7, "y": height * 0.7})
    page.wait_for_timeout(400)
    canvas.dblclick(position={"x": width * 0.3, "y": height * 0.7})
    expect(page.locator("#how")).to_contain_text("Drawn")
    drawn = json.loads(page.locator("#polygon").input_value())
    assert drawn["type"] == "Polygon"
    assert len(drawn["coordinates"][0]) == 5, "four corners, the first one again"
    page.get_by_label("Inhabitants per km²").fill("4000")
    page.get_by_label("Name").fill("Keskusta")
    page.get_by_role("button", name="Look at it first").click()
    wait_for(page, "#look")
    assert _names(site) == ["Town"], "nothing is saved by looking"
    page.locator("#map[data-ready]").wait_for(timeout=READY_MS)
    site.shot(page, "area-look")
    axe(page)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".zones")).to_contain_text("Keskusta")
    assert _names(site) == ["Keskusta"]
    with site.services.read() as session:
        event = session.query(Event).where(Event.kind == zone_changes.SAVED).one()
    assert event.actor == "user:admin"


def test_a_border_is_drawn_by_keyboard_alone(site: Site) -> None:
    page = _open(site)
    page.get_by_role("button", name="Draw on the map").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#how")).to_contain_text("Space")
    for arrow in ("ArrowUp", "ArrowRight", "ArrowDown"):
        page.keyboard.press(arrow)
        page.wait_for_timeout(500)  # the map glides a moment
        page.keyboard.press(" ")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Look at it first")).to_be_focused()
    drawn = json.loads(page.locator("#polygon").input_value())
    assert len({tuple(corner) for corner in drawn["coordinates"][0]}) == 3
    page.keyboard.press("Enter")
    wait_for(page, "#look")


def test_a_file_is_imported_and_a_wrong_one_is_told_why(site: Site, tmp_path: Path) -> None:
    site.forgive("422")
    wrong, right = tmp_path / "wrong.geojson", tmp_path / "right.geojson"
    wrong.write_text(json.dumps({"type": "Point", "coordinates": [24.94, 60.17]}))
    square = {"type": "Polygon", "coordinates": [SQUARE]}
    right.write_text(json.dumps({"type": "Feature", "properties": {}, "geometry": square}))
    page = _open(site, width=360)
    page.get_by_label("or a GeoJSON file").set_input_files(wrong)
    page.get_by_role("button", name="Look at it first").click()
    expect(page.get_by_role("alert")).to_contain_text("holds a Point")
    axe(page)
    fits(page)
    page.get_by_label("or a GeoJSON file").set_input_files(right)
    page.get_by_role("button", name="Look at it first").click()
    expect(page.get_by_text("3.69 km²")).to_be_visible()
    page.get_by_label("What is saved now").select_option("no")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".zones > li")).to_have_count(2)
    fits(page)
    site.shot(page, "area-narrow", full_page=True)
    page.get_by_text("Remove …").first.click()
    page.get_by_role("button", name="Remove Town").click()
    expect(page.locator(".zones > li")).to_have_count(1)
    assert _names(site) == ["Service area"]


def test_an_auditor_looks_and_changes_nothing(site: Site) -> None:
    site.forgive("403")
    page = _open(site, "auditor", dark=True)
    expect(page.locator("#area-form")).to_have_count(0)
    expect(page.get_by_text("Remove …")).to_have_count(0)
    axe(page)
    site.shot(page, "area-auditor-night")
    token = page.locator("meta[name=csrf-token]").get_attribute("content") or ""
    answer = page.request.post("/area", form={"csrf_token": token, "step": "save", "polygon": json.dumps({"type": "Polygon"})})
    assert answer.status == 403
    assert site.page("dispatcher").request.get("/area").status == 403
