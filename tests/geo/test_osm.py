"""Importing an extract: streets put together rightly, house numbers from nodes and buildings, districts cut by its edge."""

from __future__ import annotations

from pathlib import Path

import osmium
import pytest
from osmium.osm.mutable import Node, Relation, Way
from sqlalchemy import func, select

from core.problems import Problem
from core.services import Services
from geo.districts import district_near
from geo.geocoding import open_geocoder
from geo.models import Crossing, District, HouseNumber, Locality, Street
from geo.osm import Area, import_area, read_area, store_area
from geo.osm_streets import BuiltStreet


def _named(area: Area, name: str) -> list[BuiltStreet]:
    return [street for street in area.streets if street.name == name]


def test_central_helsinki_is_whole(helsinki: Services, helsinki_area: Area) -> None:
    with helsinki.read() as session:
        counts = {table: session.scalar(select(func.count()).select_from(table)) for table in (Street, HouseNumber, Crossing)}
        names = session.scalars(select(Street.name)).all()
    assert counts == {Street: 113, HouseNumber: 584, Crossing: 152}
    assert len(names) == len(set(names)), "no street of central Helsinki is far from itself"
    assert {"Mannerheimintie", "Senaatintori", "Kaivopiha"} <= set(names)
    street = _named(helsinki_area, "Mannerheimintie")[0]
    assert {"Mannerheimvägen", "Heikinkatu"} <= set(street.other_names)
    assert street.town == "Helsinki"


@pytest.mark.parametrize(
    ("where", "lat", "lon", "district"),
    [
        ("Mannerheimintie 5", 60.1689, 24.9412, "Kluuvi"),
        ("Kamppi centre", 60.1690, 24.9358, "Kamppi"),
        ("Senate Square, east of Unioninkatu", 60.1697, 24.9527, "Kruununhaka"),
        ("Esplanade", 60.1650, 24.9480, "Kaartinkaupunki"),
        ("beyond the extract, nearest of those with a middle only", 60.1800, 24.9520, "Hakaniemi"),
        ("the country", 61.0, 25.0, None),
    ],
)
def test_districts_as_people_call_them(helsinki: Services, where: str, lat: float, lon: float, district: str | None) -> None:
    with helsinki.read() as session:
        assert district_near(session, lat, lon) == district


def test_without_districts_there_is_none_near(services: Services) -> None:
    with services.read() as session:
        assert district_near(session, 60.0, 24.0) is None


def test_importing_again_replaces_everything(helsinki: Services, helsinki_area: Area) -> None:
    tables = (Street, HouseNumber, Crossing, District, Locality)
    with helsinki.read() as session:
        before = [session.scalar(select(func.count()).select_from(table)) for table in tables]
        oldest = session.scalar(select(func.max(Street.id)))
    heard: list[tuple[int, int]] = []
    with helsinki.write() as session:
        store_area(session, helsinki_area, lambda done, total: heard.append((done, total)))
    with helsinki.read() as session:
        assert [session.scalar(select(func.count()).select_from(table)) for table in tables] == before
        assert (session.scalar(select(func.min(Street.id))) or 0) > (oldest or 0), "ids are never used again"
    assert heard == sorted(heard)
    assert heard[-1] == (100, 100)


class _Map:
    """A little map, drawn node by node."""

    def __init__(self, path: Path) -> None:
        self._writer = osmium.SimpleWriter(str(path))
        self._nodes: dict[tuple[float, float], int] = {}
        self._ways: list[Way] = []

    def node(self, lat: float, lon: float, **tags: str) -> int:
        place = (lat, lon)
        if place not in self._nodes or tags:
            self._nodes[place] = len(self._nodes) + 1
            keyed = {key.replace("__", ":"): value for key, value in tags.items()}
            self._writer.add_node(Node(id=self._nodes[place], location=(lon, lat), tags=keyed))
        return self._nodes[place]

    def way(self, *places: tuple[float, float], **tags: str) -> int:
        keyed = {key.replace("__", ":"): value for key, value in tags.items()}
        self._ways.append(Way(id=len(self._ways) + 1, nodes=[self.node(*place) for place in places], tags=keyed))
        return len(self._ways)

    def finish(self, relations: list[Relation] | None = None) -> None:
        for way in self._ways:
            self._writer.add_way(way)
        for relation in relations or []:
            self._writer.add_relation(relation)
        self._writer.close()


def test_pieces_near_each_other_are_one_street_and_far_ones_are_two(tmp_path: Path) -> None:
    drawn = _Map(tmp_path / "map.osm.pbf")
    drawn.way((60.0, 24.0), (60.001, 24.0), highway="residential", name="Kirkkokatu", name__sv="Kyrkogatan")
    drawn.way((60.005, 24.0), (60.006, 24.0), highway="residential", name="Kirkkokatu", alt_name="Kirkkis;Kirkkari")
    drawn.way((60.1, 24.0), (60.101, 24.0), highway="residential", name="Kirkkokatu")
    drawn.way((60.0, 24.0), (60.0, 24.1), highway="proposed", name="Ei vielä katu")
    drawn.node(60.0055, 24.0001, addr__street="KIRKKOKATU", addr__housenumber="5")
    drawn.node(60.1005, 24.0001, addr__street="Kyrkogatan", addr__housenumber="5")
    drawn.finish()
    streets = _named(read_area(tmp_path / "map.osm.pbf"), "Kirkkokatu")
    assert [round(street.place[0], 1) for street in streets] == [60.0, 60.1]
    assert streets[0].other_names == ["Kyrkogatan", "Kirkkis", "Kirkkari"]
    assert [[str(one.number) for one in street.numbers] for street in streets] == [["5"], ["5"]]
    assert len(read_area(tmp_path / "map.osm.pbf").streets) == 2


def test_addresses_of_buildings_and_relations_and_of_streets_that_are_not_drawn(tmp_path: Path) -> None:
    drawn = _Map(tmp_path / "map.osm.pbf")
    outline = ((60.0, 24.0), (60.0, 24.002), (60.002, 24.002), (60.002, 24.0), (60.0, 24.0))
    drawn.way(*outline, building="yes", addr__street="Uusikatu", addr__housenumber="1-3;7")
    ring = drawn.way(*((lat + 0.01, lon) for lat, lon in outline))
    tags = {"type": "multipolygon", "addr:street": "Uusikatu", "addr:housenumber": "9 B", "addr:postcode": "00100"}
    drawn.finish([Relation(id=1, members=[("w", ring, "outer")], tags=tags)])
    (street,) = read_area(tmp_path / "map.osm.pbf").streets
    found = [(str(one.number), round(one.lat, 4), round(one.lon, 4), one.postcode) for one in street.numbers]
    assert found == [("1-3", 60.001, 24.001, None), ("7", 60.001, 24.001, None), ("9 B", 60.011, 24.001, "00100")]


def test_streets_cross_where_they_share_a_node(services: Services, tmp_path: Path) -> None:
    drawn = _Map(tmp_path / "map.osm.pbf")
    drawn.way((60.0, 24.0), (60.001, 24.0), (60.002, 24.0), highway="residential", name="Pitkäkatu")
    drawn.way((60.001, 23.999), (60.001, 24.0), (60.001, 24.001), highway="residential", name="Poikkikatu")
    drawn.way((60.0, 23.999), (60.0, 24.0), (60.0, 24.005), (60.002, 24.0), highway="residential", name="Silmukkatie")
    drawn.finish()
    with services.write() as session:
        assert import_area(session, tmp_path / "map.osm.pbf").crossings == 3
    geocoder = open_geocoder(services)
    corner = geocoder.resolve("Pitkäkatu / Poikkikatu").match
    assert corner is not None
    assert (round(corner.lat, 4), round(corner.lon, 4)) == (60.001, 24.0)
    twice = geocoder.resolve("Silmukkatie & Pitkäkatu")
    assert twice.match is None
    assert [offer.label for offer in twice.matches] == ["Silmukkatie / Pitkäkatu (1)", "Silmukkatie / Pitkäkatu (2)"]


def test_what_is_no_extract_is_refused_and_the_old_area_stays(helsinki: Services, tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense.osm.pbf"
    nonsense.write_bytes(b"this is no map")
    empty = tmp_path / "empty.osm.pbf"
    _Map(empty).finish()
    for path, complaint in [
        (tmp_path / "missing.osm.pbf", "there is no file"),
        (tmp_path, "there is no file"),
        (nonsense, "is not an OSM extract"),
        (empty, "holds no named street and no address"),
    ]:
        with pytest.raises(Problem, match=complaint), helsinki.write() as session:
            import_area(session, path)
    assert open_geocoder(helsinki).resolve("Mannerheimintie 5").match is not None
