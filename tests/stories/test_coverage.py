"""From the emergency to help at the door: asking, answering, covered, stood down, replaced."""

from __future__ import annotations

from tests.stories.town import Town


def test_three_of_three_go_and_are_given_the_roles_in_the_order_of_their_answers(town: Town) -> None:
    anna, bo, cilla = town.volunteer("Anna", 100), town.volunteer("Bo", 200), town.volunteer("Cilla", 300)
    town.emergency(access_notes="door code 1234")
    for volunteer in (anna, bo, cilla):
        volunteer.gets("A: CARDIAC ARREST near you", "1 = going, 2 = cannot")
    bo.texts("1")
    assert "60.17" in bo.gets("A: GO TO", "door code 1234", "Straight to the patient")
    anna.texts("yes")
    anna.gets("A: GO TO", "Straight to the patient")
    assert not town.incident()["covered"]
    cilla.texts("1 4 bike")
    cilla.gets("A: GO TO", "Meet the ambulance")
    assert town.incident()["covered"]
    assert [(v.name, town.callout_of(v)["role"], v.state) for v in (anna, bo, cilla)] == [
        ("Anna", "direct", "accepted"),
        ("Bo", "direct", "accepted"),
        ("Cilla", "guide", "accepted"),
    ]
    assert town.callout_of(cilla)["eta_s"] == 240
