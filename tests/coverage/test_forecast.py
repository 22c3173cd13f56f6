"""The forecast, from people to numbers: the same rules as choosing, each person once, nothing of fewer than five."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import product
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from core import clock
from responder import hours, rules
from responder.coverage import alone, anonymous, forecast, months, recruiting, sentences
from responder.coverage.anonymous import FEWEST
from responder.coverage.facts import AreaForecast, Forecast, Stand
from responder.coverage.needs import Needs
from tests.coverage.people import HELPS, TOWN, TYPES, of, place, spot

HELSINKI = ZoneInfo("Europe/Helsinki")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
GRACE = timedelta(days=3)
ENDS = months.ends(NOW, HELSINKI, GRACE)
OFFICE = hours.parse("Mo-Fr 08:00-16:00; PH off", "FI")
SEASONS = st.integers(-40, 260).map(lambda days: clock.epoch_s(NOW + timedelta(days=days)))
KINDS = (*TYPES, "identity", "water_rescue")
PLACES = st.builds(
    place,
    st.integers(1, 40),
    st.builds(spot, st.integers(0, 3), st.sampled_from((0.2, 0.8)), st.sampled_from((0.3, 0.7))),
    kind=st.sampled_from(("home", "work")),
    night_alerts=st.booleans(),
    hours=st.sampled_from((None, OFFICE.packed, OFFICE.complement().packed)),
    consented=st.sampled_from((True, True, True, False)),
    opted_out=st.sampled_from((False, False, False, True)),
    active=st.sampled_from((True, True, True, False)),
    off_until=st.one_of(st.just(0), SEASONS, st.just(clock.epoch_s(clock.FOREVER))),
    certified=st.dictionaries(st.sampled_from(KINDS), SEASONS, max_size=3).map(rules.pack_certified),
)
TOWNS = st.lists(PLACES, max_size=120)
HOURS = ((months.BY_DAY, "by_day"), (months.BY_NIGHT, "by_night"))


NEEDS = st.builds(
    Needs.of,
    st.sampled_from(((), ("identity",), ("first_aid", "water_rescue"))),
    st.sampled_from(((), ("water_rescue",), ("first_aid", "medical"), TYPES)),
)


def made(rows: list[SimpleNamespace], per_km2: int = 10) -> Forecast:
    return made_for(rows, HELPS, per_km2=per_km2)[0]


def made_for(rows: list[SimpleNamespace], *needs: Needs, per_km2: int = 10) -> list[Forecast]:
    return forecast.make(of(rows, *needs), TOWN, ENDS, per_km2)


def south_west(found: Forecast) -> AreaForecast:
    """The district in which people live unless a test says otherwise."""
    return next(area for area in found.areas if area.name == "South-west")


def until(year: int, month: int, day: int) -> int:
    """The last second of a day in Helsinki."""
    return clock.epoch_s(datetime(year, month, day, 23, 59, 59, tzinfo=HELSINKI))


def test_months_end_at_midnight_of_the_agency() -> None:
    assert [end.month for end in ENDS] == [0, 11, 12, 1, 2, 3, 4]
    assert [clock.of_epoch_s(end.now_s).strftime("%m-%dT%H") for end in ENDS[1:]] == [
        *("11-30T22", "12-31T22", "01-31T22", "02-28T22"),
        *("03-31T21", "04-30T21"),
    ]
    assert {end.now_s - end.certified_s for end in ENDS} == {GRACE.total_seconds()}


def test_the_twelve_who_lapse_in_a_month_take_their_district_below() -> None:
    stay = [place(number, spot(1)) for number in range(28)]
    leave = [place(100 + number, spot(1), until(2026, 12, 20)) for number in range(12)]
    home_only = [place(200 + number, spot(2), night_alerts=False) for number in range(40)]
    found = made([*stay, *leave, *home_only])
    assert [area.needed for area in found.areas] == [40] * 4
    said = list(sentences.falls(found, 10))
    assert said == ["10 or more lapse in December: South-east falls below 10 per km² by day and by night."]
    assert list(sentences.edges(found, 10)) == [
        "South-east has just enough by day and by night: the loss of any one person takes it below 10 per km².",
        "North-west has just enough by day: the loss of any one person takes it below 10 per km².",
    ]
    named = {one.area.name: (one.by_day, one.by_night, one.ahead) for one in recruiting.wanted(found)}
    assert named == {"South-west": (40, 40, 0), "North-east": (40, 40, 0), "North-west": (0, 40, 0), "South-east": (15, 15, 2)}


def test_few_who_lapse_are_told_of_as_few() -> None:
    found = made([place(number, spot(0), until(2027, 1, 5) if number < 3 else rules.NO_END_S) for number in range(42)])
    told = list(sentences.falls(found, 10))
    assert told == ["Fewer than five lapse in January: South-west falls below 10 per km² by day and by night."]
    assert [stand.lapses for stand in south_west(found).stands] == [None] * 7, "0 to 4 are one"


def test_two_kinds_of_emergency_cannot_be_subtracted_to_tell_of_one_who_lapses() -> None:
    stay = [place(number) for number in range(33)]
    leave = [place(100 + number, certified=f"first_aid:{until(2026, 12, 20)}") for number in range(8)]
    one = place(200, certified=f"cpr:{until(2026, 12, 20)}")
    aid = Needs.of((), ("cpr", "first_aid")), Needs.of((), ("first_aid", "medical"))
    told = [south_west(found).stands[2].lapses for found in made_for([*stay, *leave, one], *aid)]
    assert told == [5, 5], "nine and eight"


def test_whoever_knows_all_that_is_shown_of_a_month_does_not_know_how_few_are_left() -> None:
    few: dict[object, set[int]] = defaultdict(set)
    for needed in range(5, 45, 5):
        for before in range(60):
            for leave in range(before + 1):
                after = before - leave
                told = Stand.of(after, after, leave)
                shown = needed, before == needed, anonymous.shown(before), told
                if told.by_day is None:
                    few[shown].add(after)
    assert all(left == {0} or len(left) > 1 for left in few.values())


def test_grace_moves_the_lapse_and_its_month() -> None:
    found = made([place(number, spot(0), until(2026, 12, 30)) for number in range(7)])
    assert [stand.lapses for stand in south_west(found).stands] == [None, None, None, 5, None, None, None]


def test_whoever_is_off_comes_back_at_the_end_of_it() -> None:
    off_until = clock.epoch_s(datetime(2027, 1, 10, tzinfo=UTC))
    found = made([place(number, spot(0), off_until=off_until) for number in range(6)])
    assert [stand.by_day for stand in south_west(found).stands] == [None, None, None, 5, 5, 5, 5]


def test_a_home_and_a_work_place_in_one_district_are_one_person() -> None:
    rows = [place(number, spot(0, 0.1 * part)) for number in range(5) for part in (1, 9)]
    assert south_west(made(rows)).stands[0].by_day == 5


@pytest.mark.parametrize(
    ("who", "where", "found"),
    [
        ("one far from all others", [(1, (60.150, 24.90)), (2, (60.160, 24.90)), (3, (60.160, 24.901))], [1]),
        ("two within a kilometre", [(1, (60.150, 24.90)), (2, (60.1585, 24.90))], []),
        ("two of one house", [(1, (60.150, 24.90)), (2, (60.150, 24.90))], []),
        ("one's own other place is no neighbour", [(1, (60.150, 24.90)), (1, (60.151, 24.90))], [1]),
        ("nobody", [], []),
    ],
)
def test_whoever_is_alone(who: str, where: list[tuple[int, tuple[float, float]]], found: list[int]) -> None:
    assert alone.alone(of([place(person, at) for person, at in where]).for_needs(0)) == found, who


@given(TOWNS, st.lists(NEEDS, min_size=1, max_size=3, unique=True))
def test_counts_are_those_of_the_rules_that_choose_people(rows: list[SimpleNamespace], several: list[Needs]) -> None:
    for needs, found in zip(several, made_for(rows, *several), strict=True):
        for (number, end), (by, shown) in product(enumerate(ENDS), HOURS):
            at = months.at(end, by)
            asked = {(_district(row), row.responder_id) for row in rows if not rules.reason_against(row, *needs, at)}
            counts = Counter(district for district, _ in asked)
            for area in found.areas:
                count = getattr(area.stands[number], shown)
                assert (count or 0) <= counts[area.name] < (count or 0) + FEWEST


def test_every_kind_of_emergency_has_the_same_squares() -> None:
    rows = [place(number, certified=f"cpr:{rules.NO_END_S}") for number in range(7)]
    rows += [place(10 + number, spot(3), certified=f"medical:{rules.NO_END_S}") for number in range(2)]
    resuscitate, treat = made_for(rows, Needs.of((), ("cpr",)), Needs.of((), ("medical",)))
    assert {square.by_day for square in resuscitate.squares} == {5, None}
    assert {square.by_day for square in treat.squares} == {None}
    first, second = ([(one.cells, one.needed) for one in found.squares] for found in (resuscitate, treat))
    assert first == second


@given(TOWNS)
def test_nothing_in_it_is_fewer_than_five(rows: list[SimpleNamespace]) -> None:
    found = made(rows)
    stands = [stand for area in found.areas for stand in area.stands]
    counts = [count for one in (*stands, *found.squares) for count in (one.by_day, one.by_night) if count is not None]
    assert all(count >= FEWEST and count % FEWEST == 0 for count in counts)
    assert all(stand.lapses is None or (stand.lapses >= FEWEST and stand.lapses % FEWEST == 0) for stand in stands)
    for wanted in recruiting.wanted(found):
        assert wanted.by_day % FEWEST == wanted.by_night % FEWEST == 0


@given(TOWNS)
def test_squares_cover_the_town_once_and_never_claim_too_much(rows: list[SimpleNamespace]) -> None:
    found = made(rows)
    cells = [cell for square in found.squares for cell in square.cells]
    assert len(cells) == len(set(cells)) > 15
    for hour in ("by_day", "by_night"):
        total = sum(getattr(square, hour) or 0 for square in found.squares)
        assert total <= len({(row.responder_id, row.lat, row.lon) for row in rows})


def _district(row: SimpleNamespace) -> str | None:
    return next(part.name for part in TOWN.parts if part.polygon.covers(shapely.Point(row.lon, row.lat)))
