"""What was reported turns out wrong: those who go are told, those now too far are let go, nearer ones are asked."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from core.clock import rfc3339
from core.problems import Problem
from dispatch.models import Alarm
from geo.models import SERVICE_AREA, HouseNumber, Street
from sms import inbox
from tests.stories.test_intake import changed, everything, square
from tests.stories.town import CENTRE, METRES_PER_DEGREE, Town, Volunteer


def north(metres: float) -> dict[str, Any]:
    """The place so far north of the centre."""
    return {"location": {"lat": CENTRE[0] + metres / METRES_PER_DEGREE, "lon": CENTRE[1]}}


def ainokatu(town: Town) -> None:
    """Ainokatu 5 at the centre, 50 is 400 m, 80 is 800 m and 90 is 1400 m north of it."""
    with town.services.write() as session:
        street = Street(name="Ainokatu", other_names=[], town="Helsinki", lat=CENTRE[0], lon=CENTRE[1])
        session.add(street)
        session.flush()
        for number, metres in (("5", 0), ("50", 400), ("80", 800), ("90", 1400)):
            lat = CENTRE[0] + metres / METRES_PER_DEGREE
            session.add(HouseNumber(street_id=street.id, number=number, lat=lat, lon=CENTRE[1]))


def goes(volunteer: Volunteer) -> None:
    volunteer.gets("CARDIAC")
    volunteer.texts("1")
    volunteer.gets("GO TO")


def hears(town: Town) -> None:
    """Answers are handled, and nothing is sent."""
    town.carrier.wait_idle()
    inbox.handle_due(town.wire)


def wrong(town: Town, **changes: Any) -> Problem:
    with pytest.raises(Problem) as problem:
        town.correct(**changes)
    town.settle()
    return problem.value


def test_those_coming_and_on_scene_get_the_new_address_and_the_old_one(town: Town) -> None:
    ainokatu(town)
    coming, there, asked = town.volunteer("Coming", 200), town.volunteer("There", 210), town.volunteer("Asked", 220)
    town.emergency(address="Ainokatu 5", access_notes="door code 1234")
    asked.gets("CARDIAC")
    goes(coming)
    goes(there)
    there.texts("3")
    town.correct(address="Ainokatu 50", access_notes="third floor")
    for volunteer in (coming, there):
        volunteer.gets("A: ADDRESS WAS WRONG", "Go to Ainokatu 50", "third floor", "not 5")
    asked.gets_nothing()
    assert (coming.state, there.state, asked.state) == ("accepted", "on_scene", "alerted")
    assert town.callout_of(coming)["distance_m"] == pytest.approx(200, abs=2)
    assert town.incident()["location"]["address"] == "Ainokatu 50"


def test_whoever_is_now_too_far_is_let_go_and_replaced(town: Town) -> None:
    ainokatu(town)
    coming, there, asked = town.volunteer("Coming", 100), town.volunteer("There", 110), town.volunteer("Asked", 120)
    declined = town.volunteer("Declined", 130)
    fresh = town.volunteer("Fresh", 1300)
    town.emergency(address="Ainokatu 5")
    for volunteer in (coming, there):
        goes(volunteer)
    there.texts("3")
    asked.gets("CARDIAC")
    declined.gets("CARDIAC")
    declined.texts("2")
    fresh.gets_nothing()
    town.correct(address="Ainokatu 90")
    for volunteer in (coming, there):
        volunteer.gets("A: sorry, the address was wrong", "You need not go")
    asked.gets("over for volunteers")
    declined.gets_nothing()
    fresh.gets("CARDIAC")
    assert [one.state for one in (coming, there, asked, declined)] == ["stood_down", "stood_down", "stood_down", "declined"]


def test_a_covered_incident_asks_again_when_those_coming_are_let_go(town: Town) -> None:
    people = town.street(3)
    fresh = town.volunteer("Fresh", 1300)
    town.emergency()
    for person in people:
        goes(person)
    assert town.incident()["covered"]
    town.correct(**north(1400))
    for person in people:
        person.gets("You need not go")
    assert not town.incident()["covered"]
    fresh.gets("CARDIAC")


def test_a_manual_covered_asks_again_when_the_only_one_coming_is_let_go(town: Town) -> None:
    coming, asked = town.volunteer("Coming", 100), town.volunteer("Asked", 120)
    fresh = town.volunteer("Fresh", 1300)
    town.emergency()
    asked.gets("CARDIAC")
    goes(coming)
    town.stand_down("covered")
    asked.gets("enough helpers")
    town.correct(**north(1400))
    coming.gets("You need not go")
    fresh.gets("CARDIAC")


def test_nearer_ones_are_asked_although_seven_are_asked_and_still_in_reach(town: Town) -> None:
    first = town.street(12, first_m=100, step_m=5)
    near = [town.volunteer(f"Near{number}", 500 + number) for number in range(3)]
    town.emergency()
    for person in first[:7]:
        person.gets("CARDIAC")
    town.correct(**north(500))
    for person in near:
        person.gets("CARDIAC")
    assert {"Near0", "Near1", "Near2"} <= town.asked()
    for person in first[7:]:
        if person.name in town.asked():
            person.gets("CARDIAC")
    assert len(town.asked()) <= 7 + 7


def test_nobody_new_is_asked_when_the_seven_soonest_are_asked_already(town: Town) -> None:
    first = town.street(12, first_m=100, step_m=5)
    town.emergency()
    for person in first[:7]:
        person.gets("CARDIAC")
    town.correct(**north(10))
    assert len(town.asked()) == 7


def test_who_comes_after_the_ambulance_counts_as_too_far(town: Town) -> None:
    asked = town.volunteer("Asked", 100)
    town.emergency(ambulance_eta_s=200)
    asked.gets("CARDIAC")
    town.correct(**north(500))
    asked.gets("over for volunteers")


def test_an_old_address_that_had_not_left_never_leaves(town: Town) -> None:
    ainokatu(town)
    anna = town.volunteer("Anna", 200)
    town.emergency(address="Ainokatu 5")
    anna.gets("CARDIAC")
    town.carrier.text(anna.phone, "1")
    hears(town)
    town.correct(address="Ainokatu 50")
    body = anna.gets("Ainokatu 50")
    assert "GO TO Ainokatu 5." not in body
    anna.gets_nothing()


def test_of_two_corrections_only_the_last_address_leaves(town: Town) -> None:
    ainokatu(town)
    anna = town.volunteer("Anna", 450)
    town.emergency(address="Ainokatu 50")
    goes(anna)
    town.carrier.faults.too_many.share = 1.0  # keeps the first correction from leaving
    town.correct(address="Ainokatu 5")
    town.correct(address="Ainokatu 80")
    town.carrier.faults.reset()
    town.turn(5)
    anna.gets("Go to Ainokatu 80")
    anna.gets_nothing()


def test_a_first_text_that_had_not_left_for_someone_now_too_far_never_leaves(town: Town) -> None:
    anna = town.volunteer("Anna", 100)
    town.carrier.faults.too_many.share = 1.0
    town.emergency()
    town.correct(**north(1400))
    town.carrier.faults.reset()
    town.turn(5)
    anna.gets_nothing()
    assert anna.state == "stood_down"


def test_changed_notes_reach_those_who_are_coming_and_nobody_else(town: Town) -> None:
    coming, there, asked = town.volunteer("Coming"), town.volunteer("There", 110), town.volunteer("Asked", 120)
    town.emergency(access_notes="door code 1234")
    asked.gets("CARDIAC")
    for volunteer in (coming, there):
        goes(volunteer)
    there.texts("3")
    town.correct(access_notes="door code 9999")
    for volunteer in (coming, there):
        volunteer.gets("GO TO", "9999")
    asked.gets_nothing()


def test_what_is_corrected_to_what_it_was_texts_nobody(town: Town) -> None:
    ainokatu(town)
    coming = town.volunteer("Coming")
    town.emergency(address="Ainokatu 5", access_notes="door code 1234")
    goes(coming)
    town.correct(address="Ainokatu 5", access_notes="door code 1234", type="cardiac_arrest", hazards=[])
    coming.gets_nothing()


def test_a_caller_or_an_ambulance_corrected_texts_nobody(town: Town) -> None:
    coming = town.volunteer("Coming")
    town.emergency()
    goes(coming)
    town.correct(caller_phone="0401234567", ambulance_eta_s=300)
    coming.gets_nothing()
    assert town.incident()["caller_phone"] == "+358401234567"


def test_a_later_ambulance_widens_the_reach(town: Town) -> None:
    near, far = town.volunteer("Near", 100), town.volunteer("Far", 500)
    town.emergency(ambulance_eta_s=180)
    near.gets("CARDIAC")
    town.correct(ambulance_eta_s=600)
    town.turn(11)
    far.gets("CARDIAC")


def test_a_closed_incident_takes_no_correction_not_even_a_wrong_one(town: Town) -> None:
    town.emergency()
    town.close()
    assert wrong(town, **north(100)).status == 409
    assert wrong(town, address="Nowhere Lane 12").status == 409
    assert "address_refused" not in town.alarms()


def test_a_correction_of_nothing_is_not_found(town: Town) -> None:
    with pytest.raises(Problem) as problem:
        town.correct("01HZZZZZZZZZZZZZZZZZZZZZZZ", address="Nowhere Lane 12")
    assert problem.value.status == 404
    assert town.alarms() == []


def test_a_corrected_address_that_cannot_be_placed_stands_red_at_its_incident_and_changes_nothing(town: Town) -> None:
    ainokatu(town)
    coming = town.volunteer("Coming")
    town.emergency(address="Ainokatu 5", access_notes="door code 1234")
    goes(coming)
    problem = wrong(town, address="Nowhere Lane 12", access_notes="door code 9999")
    assert (problem.status, problem.extra["matches"]) == (422, [])
    with town.services.read() as session:
        alarm = session.scalars(select(Alarm).where(Alarm.kind == "address_refused")).one()
    assert alarm.incident_id == town.incidents[-1]
    incident = town.incident()
    assert (incident["location"]["address"], incident["access_notes"]) == ("Ainokatu 5", "door code 1234")
    coming.gets_nothing()


def test_a_correction_out_of_the_service_area_changes_nothing_at_all(town: Town) -> None:
    with town.services.write() as session:
        session.add(square(600, "Town", SERVICE_AREA))
    coming = town.volunteer("Coming")
    town.emergency(access_notes="door code 1234")
    goes(coming)
    before = everything(town)
    problem = wrong(town, access_notes="door code 9999", **north(1400))
    assert (problem.status, problem.errors[0].pointer) == (422, "/location")
    assert town.incident()["access_notes"] == "door code 1234"
    assert not changed(before, everything(town))
    coming.gets_nothing()


@pytest.mark.parametrize("correction", [{"hazards": ["traffic"]}, {"type": "breathing"}, {"hazards": []}])
@pytest.mark.parametrize("reason", ["not_needed", "ambulance_on_scene", "unsafe"])
def test_no_correction_of_facts_brings_back_an_asking_that_a_stand_down_ended(
    town: Town, reason: str, correction: dict[str, Any]
) -> None:
    anna = town.volunteer("Anna", certified=["first_aid"])
    town.emergency()
    anna.gets("CARDIAC")
    town.stand_down(reason)
    anna.gets("A:")
    town.correct(**correction)
    town.turn(15)
    anna.gets_nothing()
    assert anna.state == "stood_down"


def test_nor_one_that_a_dispatcher_called_covered(town: Town) -> None:
    coming, asked = town.volunteer("Coming", 100), town.volunteer("Asked", 200)
    town.emergency()
    asked.gets("CARDIAC")
    goes(coming)
    town.stand_down("covered")
    asked.gets("enough helpers")
    town.correct(hazards=["traffic"])
    coming.gets("GO TO", "Mind the traffic")
    town.turn(15)
    asked.gets_nothing()


def test_another_type_asks_those_who_are_certified_for_it(town: Town) -> None:
    rescuer, medic = town.volunteer("Rescuer", 100), town.volunteer("Medic", 200, certified=["medical"])
    town.emergency()
    rescuer.gets("CARDIAC")
    medic.gets("CARDIAC")
    town.correct(type="breathing")
    assert town.incident()["type"] == "breathing"
    problem = wrong(town, type="fire")
    assert (problem.status, problem.errors[0].pointer) == (422, "/type")
    assert town.incident()["type"] == "breathing"


def test_the_newest_place_is_what_where_and_a_late_yes_get(town: Town) -> None:
    ainokatu(town)
    coming, late = town.volunteer("Coming", 200), town.volunteer("Late", 210)
    town.emergency(address="Ainokatu 5")
    late.gets("CARDIAC")
    goes(coming)
    town.correct(address="Ainokatu 50")
    coming.gets("Go to Ainokatu 50")
    coming.texts("WHERE")
    coming.gets("GO TO Ainokatu 50")
    late.texts("1")
    late.gets("GO TO Ainokatu 50")


def test_a_correction_is_an_event_that_names_the_fields_and_holds_no_address(town: Town) -> None:
    ainokatu(town)
    town.emergency()
    town.correct(address="Ainokatu 50", ambulance_eta_s=90)
    assert town.events("incident_corrected")[0]["data"]["fields"] == ["ambulance_eta_s", "place"]
    assert "Ainokatu" not in str(town.incident()["events"])
    assert rfc3339(town.clock.now()) == town.events("incident_corrected")[0]["at"]
