"""The map in a real browser: drawn from the project's own tiles, by day and by night, never moving by itself."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from geo import tiles_cutting, tiles_storing
from geo.area_progress import nobody_listens
from tests.browser.site import Site, axe, wait_for

pytestmark = pytest.mark.browser
HELSINKI = Path(__file__).parents[2] / "demo" / "helsinki.osm.pbf"
LON, LAT = 24.9440, 60.1700
READY_MS = 30_000
"""The map is drawn without a graphics card here, and others may be using the machine."""

COLOURS_OF = """async (png) => {
  const image = new Image();
  image.src = "data:image/png;base64," + png;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const dots = new Uint32Array(pen.getImageData(0, 0, image.width, image.height).data.buffer);
  const light = dots.reduce((sum, dot) => sum + (dot & 255) + ((dot >> 8) & 255) + ((dot >> 16) & 255), 0);
  return [new Set(dots).size, light / dots.length / 3];
}"""

STYLED_BY = "(href) => document.head.append(Object.assign(document.createElement('link'), {rel: 'stylesheet', href}))"

MAKE = """async ([center, theme]) => {
  const { makeMap } = await import("/static/map/map.js");
  const main = document.getElementById("main");
  const heading = document.createElement("h1");
  heading.textContent = "A map";
  main.replaceChildren(heading);
  const place = document.createElement("div");
  place.id = "own";
  place.className = "map";
  place.style.height = "600px";
  main.append(place);
  window.heard = [];
  const words = { map: "Map of the town", drill: "DRILL", zoom_in: "Zoom in", zoom_out: "Zoom out" };
  window.map = await makeMap(place, {
    center, theme, words, onPick: (lat, lon) => heard.push(["pick", lat, lon]), onSelect: (id) => heard.push(["select", id]),
  });
}"""


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> tiles_cutting.Cut:
    """Central Helsinki, cut once."""
    return tiles_cutting.cut(HELSINKI, tmp_path_factory.mktemp("tiles"), nobody_listens)


@pytest.fixture
def town(site: Site, cut: tiles_cutting.Cut) -> Site:
    """The site with central Helsinki on its map."""
    version = tiles_storing.put_beside(site.services, cut, nobody_listens)
    with site.services.write() as session:
        tiles_storing.switch(session, version, cut.tiles)
    return site


def _make(site: Site, center: list[float] | None = None, theme: str = "day") -> Page:
    """A page with nothing on it but a map."""
    page = site.page("dispatcher", width=900)
    page.goto("/account")
    for name in ("vendor/maplibre-gl/maplibre-gl.css", "map/map.css"):
        page.evaluate(STYLED_BY, f"/static/{name}")
    page.evaluate(MAKE, [center or [LON, LAT], theme])
    _ready(page, "#own")
    return page


def _ready(page: Page, place: str) -> None:
    page.locator(f"{place}[data-ready]").wait_for(timeout=READY_MS)


def _colours(page: Page, place: str = "#own .maplibregl-canvas") -> tuple[int, float]:
    """How many colours are to be seen there, and how light it is from 0 to 255."""
    png = base64.b64encode(page.locator(place).screenshot()).decode()
    count, light = page.evaluate(COLOURS_OF, png)
    return count, light


def _incident(name: str, lat: float, lon: float, **more: Any) -> dict[str, Any]:
    facts = {"state": "open", "covered": False, "held": False, "drill": False, "callouts": []}
    return {"id": name, "code": name.upper(), "location": {"lat": lat, "lon": lon}} | facts | more


def _callout(state: str, lat: float, lon: float) -> dict[str, Any]:
    return {"id": state, "state": state, "place": {"lat": lat, "lon": lon}, "name": f"The {state} one", "role": "direct"}


INCIDENTS = [
    _incident("k7", LAT, LON, callouts=[
        _callout("accepted", LAT + 0.001, LON + 0.002), _callout("on_scene", LAT - 0.0004, LON - 0.001),
        _callout("alerted", LAT - 0.001, LON + 0.003), _callout("declined", LAT + 0.0008, LON - 0.003),
    ]),
    _incident("m2", LAT + 0.002, LON - 0.004, covered=True),
    _incident("p9", LAT - 0.002, LON - 0.004, drill=True),
]  # fmt: skip


def test_the_town_is_drawn_by_day_and_by_night(town: Site) -> None:
    page = _make(town)
    by_day = _colours(page)
    town.shot(page, "map-day")
    page.evaluate("map.setTheme('night')")
    page.wait_for_timeout(1500)
    by_night = _colours(page)
    town.shot(page, "map-night")
    assert by_day[0] > 500, "a blank map has a handful of colours"
    assert by_night[0] > 500
    assert by_day[1] > 180
    assert by_night[1] < 70
    expect(page.get_by_role("link", name="© OpenStreetMap contributors")).to_be_visible()
    axe(page)


def test_without_tiles_there_is_ground_and_all_that_happens(site: Site) -> None:
    page = _make(site)
    blank, _ = _colours(page)
    assert blank < 300
    page.evaluate("(incidents) => map.setIncidents(incidents)", INCIDENTS)
    page.wait_for_timeout(1500)
    assert _colours(page)[0] > blank + 20


def test_a_click_picks_a_place_or_an_incident_and_nothing_else_moves_the_map(town: Site) -> None:
    page = _make(town)
    canvas = page.get_by_role("region", name="Map of the town")
    page.evaluate("(incidents) => map.setIncidents(incidents)", INCIDENTS[:1])
    page.wait_for_timeout(1500)
    box = canvas.bounding_box()
    assert box is not None
    middle = (box["width"] / 2, box["height"] / 2)
    canvas.click(position={"x": middle[0], "y": middle[1] - 20})
    canvas.click(position={"x": middle[0] - 200, "y": middle[1]})
    page.evaluate("map.setPick({lat: 60.17, lon: 24.94})")
    canvas.click(position={"x": middle[0] - 200, "y": middle[1]})
    selected, first, second = page.evaluate("heard")
    assert selected == ["select", "k7"]
    assert first == second, "showing incidents and a picked place moves nothing"
    assert first[1] == pytest.approx(LAT, abs=1e-4)
    assert LON - 0.05 < first[2] < LON - 0.002
    page.evaluate("map.select('k7')")
    page.wait_for_timeout(1500)
    town.shot(page, "map-incident")
    canvas.click(position={"x": 5, "y": 5})
    assert page.evaluate("heard")[-1][2] > first[2], "selecting brings it near"


def test_the_keyboard_comes_in_and_out_again(town: Site) -> None:
    page = _make(town)
    canvas = page.get_by_role("region", name="Map of the town")
    canvas.focus()
    for _ in range(4):
        page.keyboard.press("Tab")
    expect(canvas).not_to_be_focused()


def test_tiles_are_kept_for_good_and_an_old_page_gets_new_ones(town: Site) -> None:
    page = town.page("dispatcher")
    page.goto("/account")
    area = page.request.get("/tiles/area.json").json()
    assert area["bounds"][0] < LON < area["bounds"][2]
    path = f"/tiles/{area['version']}/15/18654/9485.mvt"
    fresh = page.request.get(path)
    assert (fresh.status, fresh.headers["cache-control"]) == (200, "private, max-age=31536000, immutable")
    assert fresh.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    old = page.request.get(f"/tiles/{area['version'] + 7}/15/18654/9485.mvt")
    assert (old.status, old.headers["cache-control"], old.body()) == (200, "no-store", fresh.body())
    for nothing in ("15/0/0", "16/37308/18970", "3/999999999999/4"):
        assert page.request.get(f"/tiles/{area['version']}/{nothing}.mvt").status == 204
    stranger = town.page(None)
    assert stranger.request.get(path, max_redirects=0).status in (303, 401)


def test_without_webgl2_there_is_no_map_and_the_page_says_so(town: Site) -> None:
    page = town.page("admin", webgl=False)
    page.goto("/area")
    wait_for(page, "#no-map")
    expect(page.locator("#map")).to_be_hidden()
    expect(page.locator("#drawing-tools")).to_be_hidden()
    town.shot(page, "area-no-webgl2")
    axe(page)
