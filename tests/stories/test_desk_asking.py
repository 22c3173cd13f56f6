"""A dispatcher steps into the asking: the next ones, this person, this person no more."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from console.app import create_app
from dispatch import by_hand
from responder.models import Responder
from tests.desk.signed_in import Desk
from tests.stories.town import Town, Volunteer


@pytest.fixture
def desk(town: Town) -> Desk:
    return Desk(create_app(town.services), town.services, name="anna")


def few(town: Town, count: int, **plan: Any) -> list[Volunteer]:
    """`count` people, of whom the plan asks the first two, with one role to fill."""
    people = town.street(count)
    waves = {"preset": "replace", "evidence": "for the test", "first": 2, "all_below": 0, "most_asked": 30}
    town.plan(roles=["direct"], waves=waves | plan)
    town.emergency()
    for person in people[:2]:
        person.gets("CARDIAC ARREST")
    return people


def askable(desk: Desk, incident_id: str, **which: Any) -> Any:
    people = desk.get(f"/incidents/{incident_id}/askable")[1]["people"]
    return [one for one in people if which.items() <= one.items()]


def test_the_next_ones_are_asked_soonest_first_beyond_the_plan(town: Town, desk: Desk) -> None:
    people = few(town, 6)
    answer = desk.does(f"/incidents/{town.incidents[-1]}/ask-next", {"people": 2})
    assert answer["asked"] == 2
    for person in people[2:4]:
        person.gets("CARDIAC ARREST")
    assert town.asked() == {"V1", "V2", "V3", "V4"}
    (event,) = town.events("asked_by_hand")
    assert (event["actor"], event["data"]) == ("user:anna", {"wanted": 2, "people": 2})


def test_whoever_has_had_as_many_alerts_as_they_wish_is_neither_offered_nor_asked_by_hand(town: Town, desk: Desk) -> None:
    people = few(town, 3)
    shown = askable(desk, town.incidents[-1])
    with town.services.write() as session:
        session.scalars(select(Responder).where(Responder.name == "V3")).one().most_alerts = 1
    town.emergency()
    people[2].gets("CARDIAC ARREST")  # the two others are asked elsewhere
    people[0].gets("CARDIAC ARREST")
    first = town.incidents[0]
    assert len(shown) == 1
    assert askable(desk, first) == []
    assert desk.does(f"/incidents/{first}/ask-next", {"people": 1})["asked"] == 0
    status, problem = desk.post(f"/incidents/{first}/ask", {"responder": shown[0]["responder"]})
    assert status == 409
    assert "as many alerts as they wish" in problem["title"]


def test_asking_again_never_doubles_anyone_who_is_asked(town: Town, desk: Desk) -> None:
    people = few(town, 3)
    assert desk.does(f"/incidents/{town.incidents[-1]}/ask-next", {"people": 5})["asked"] == 1
    people[2].gets("CARDIAC ARREST")
    assert desk.does(f"/incidents/{town.incidents[-1]}/ask-next", {"people": 5})["asked"] == 0


def test_more_than_the_plan_may_ask_but_no_more_than_sixty(town: Town, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    people = few(town, 8, most_asked=2)
    monkeypatch.setattr(by_hand, "MOST_ASKED", 5)
    assert desk.does(f"/incidents/{town.incidents[-1]}/ask-next", {"people": 10})["asked"] == 3
    for person in people[2:5]:
        person.gets("CARDIAC ARREST")
    status, problem = desk.post(f"/incidents/{town.incidents[-1]}/ask-next", {"people": 1})
    assert status == 409
    assert "5 people" in problem["title"]
    assert by_hand.MOST_ASKED < 60


@pytest.mark.parametrize("people", [0, 11, "2", None])
def test_one_to_ten_at_a_time(town: Town, desk: Desk, people: object) -> None:
    few(town, 2)
    status, problem = desk.post(f"/incidents/{town.incidents[-1]}/ask-next", {"people": people})
    assert (status, problem["errors"][0]["pointer"]) == (422, "/people")


def test_whoever_is_asked_beyond_the_roles_is_wanted_and_keeps_being(town: Town, desk: Desk) -> None:
    v1, v2, v3, v4 = few(town, 4)
    v1.texts("1")
    v1.gets("GO TO")
    v2.gets("enough helpers")
    desk.does(f"/incidents/{town.incidents[-1]}/ask-next", {"people": 1})
    v2.gets("CARDIAC ARREST")  # stood down as covered, nearer than anyone not asked yet
    desk.does(f"/incidents/{town.incidents[-1]}/ask-next", {"people": 1})
    v3.gets("CARDIAC ARREST")
    town.turn(10)
    v2.texts("1")
    v2.gets("GO TO")
    v3.texts("2")
    v4.gets_nothing()
    assert desk.incident(town.incidents[-1])["going"] == 2


def test_after_a_stand_down_a_dispatcher_may_think_better_of_it(town: Town, desk: Desk) -> None:
    v1, v2, v3 = few(town, 3)
    incident = town.incidents[-1]
    town.stand_down("not_needed")
    for person in (v1, v2):
        person.gets("over for volunteers")
    desk.does(f"/incidents/{incident}/ask-next", {"people": 1})
    v1.gets("CARDIAC ARREST")
    v1.texts("1")
    v1.gets("GO TO")
    v3.gets_nothing()


@pytest.mark.parametrize("way", ["ask-next", "ask"])
def test_nobody_is_asked_into_danger_or_for_what_is_over(town: Town, desk: Desk, way: str) -> None:
    v1, v2, v3 = few(town, 3)
    incident = town.incidents[-1]
    body = {"people": 1} if way == "ask-next" else {"responder": askable(desk, incident)[0]["responder"]}

    def refused() -> str:
        status, problem = desk.post(f"/incidents/{incident}/{way}", body)
        assert status == 409
        return str(problem["title"])

    town.correct(hazards=["violence"])
    assert "danger" in refused()
    desk.does(f"/incidents/{incident}/go", {"reason": "police there"})
    town.stand_down("unsafe")
    v1.gets("NOT SAFE")
    v2.gets("NOT SAFE")
    assert "not safe" in refused()
    town.close("unsafe")
    assert "closed" in refused()
    v3.gets_nothing()


def test_this_person_is_asked_and_nobody_nearer(town: Town, desk: Desk) -> None:
    people = few(town, 6)
    incident = town.incidents[-1]
    listed = askable(desk, incident)
    assert [one["distance_m"] for one in listed] == sorted(one["distance_m"] for one in listed)
    assert len(listed) == 4, "those who are asked already are not in question"
    assert {one["name"] for one in listed} == {None}
    farthest = listed[-1]
    desk.does(f"/incidents/{incident}/ask", {"responder": farthest["responder"]})
    people[5].gets("CARDIAC ARREST", "ca 200 m")
    shown = desk.person(incident, "v6")
    assert "chosen by a dispatcher" in shown["reason"]
    assert desk.post(f"/incidents/{incident}/ask", {"responder": farthest["responder"]})[0] == 409


@pytest.mark.parametrize("before", ["declined", "expired", "stood_down", "failed"])
def test_somebody_who_is_off_it_is_asked_again(town: Town, desk: Desk, before: str) -> None:
    (v1,) = town.street(1)
    town.plan(roles=["direct"])
    if before == "failed":
        town.carrier.faults.switched_off.add(v1.phone)
    town.emergency()
    if before == "failed":
        town.settle()
        town.carrier.faults.switched_off.clear()
        v1.read = 1  # it lies at the carrier and never arrived
    else:
        v1.gets("CARDIAC ARREST")
    incident = town.incidents[-1]
    if before == "declined":
        v1.texts("2")
    elif before == "expired":
        town.turn(301)
    elif before == "stood_down":
        town.stand_down("not_needed")
        v1.gets("over for volunteers")
    assert v1.state == before
    (again,) = askable(desk, incident, again=True)
    desk.does(f"/incidents/{incident}/ask", {"responder": again["responder"]})
    v1.gets("A: CARDIAC ARREST")
    v1.texts("1")
    v1.gets("GO TO")
    assert desk.person(incident, "v1")["name"] == "V1"


def test_somebody_far_away_can_be_chosen_when_nobody_is_near(town: Town, desk: Desk) -> None:
    far = town.volunteer("Far", 3000)
    incident = town.emergency()
    assert town.alarms() == ["nobody_asked"]
    (one,) = askable(desk, incident)
    assert one["again"] is False
    desk.does(f"/incidents/{incident}/ask", {"responder": one["responder"]})
    far.gets("CARDIAC ARREST", "3 km")


def test_a_reason_against_is_said_plainly(town: Town, desk: Desk) -> None:
    people = few(town, 4)
    incident = town.incidents[-1]
    opted, off = (one["responder"] for one in askable(desk, incident))
    people[2].texts("STOP")
    people[2].gets("unsubscribed")
    people[3].texts("OFF")
    people[3].gets("You are off")
    assert [one["distance_m"] for one in askable(desk, incident)] == []
    for token, reason in ((opted, "takes no texts"), (off, "OFF")):
        status, problem = desk.post(f"/incidents/{incident}/ask", {"responder": token})
        assert status == 409
        assert reason in problem["title"]
    assert desk.post(f"/incidents/{incident}/ask", {"responder": "none"})[0] == 404


def test_somebody_who_goes_elsewhere_is_left_to_it(town: Town, desk: Desk) -> None:
    (v1,) = town.street(1)
    first = town.emergency()
    v1.gets("CARDIAC ARREST")
    second = town.emergency()
    v1.gets("B: CARDIAC ARREST")
    v1.texts("A1")
    v1.gets("GO TO")
    assert askable(desk, second) == []
    token = by_hand.one_person.token_of(town.services.settings, second, 1)
    status, problem = desk.post(f"/incidents/{second}/ask", {"responder": token})
    assert status == 409
    assert "another emergency" in problem["title"]
    assert desk.person(first, "v1")["state"] == "accepted"


def test_an_id_belongs_to_its_incident(town: Town, desk: Desk) -> None:
    few(town, 3)
    first = town.incidents[-1]
    (one,) = askable(desk, first)
    town.close("mistaken")
    for volunteer in town.volunteers[:2]:
        volunteer.gets("over for volunteers")
    second = town.emergency()
    for volunteer in town.volunteers[:2]:
        volunteer.gets("CARDIAC ARREST")
    (other,) = askable(desk, second)
    assert one["responder"] != other["responder"]
    assert desk.post(f"/incidents/{second}/ask", {"responder": one["responder"]})[0] == 404


TOLD = [(None, "you need not go"), ("1", "you need not go on"), ("3", "not needed there any more")]


@pytest.mark.parametrize(("last", "told"), TOLD)
def test_whoever_is_taken_off_is_told_and_replaced(town: Town, desk: Desk, last: str | None, told: str) -> None:
    v1, v2, v3, v4 = few(town, 4)
    incident = town.incidents[-1]
    if last:
        v1.texts("1")
        v1.gets("GO TO")
        v2.gets("enough helpers")
    if last == "3":
        v1.texts("3")
    desk.does(f"/incidents/{incident}/callouts/{desk.person(incident, 'v1')['id']}/take-off", {})
    v1.gets(told)
    assert v1.state == "stood_down"
    if last:  # the role is free again: those told that enough are coming are asked before anyone farther away
        v2.gets("CARDIAC ARREST")
        assert desk.incident(incident)["covered"] is False
    v3.gets("CARDIAC ARREST")
    v4.gets_nothing()
    (event,) = (one for one in town.events("callout_stood_down") if one["data"]["stood_down_as"] == "taken_off")
    assert event["actor"] == "user:anna"


def test_whoever_was_taken_off_does_not_come_back_by_themselves(town: Town, desk: Desk) -> None:
    (v1,) = town.street(1)
    incident = town.emergency()
    v1.gets("CARDIAC ARREST")
    desk.does(f"/incidents/{incident}/callouts/{desk.person(incident, 'v1')['id']}/take-off", {})
    v1.gets("you need not go")
    town.turn(60)
    v1.gets_nothing()
    v1.texts("1")
    v1.gets("you need not go")
    v1.texts("2")
    v1.texts("1")
    v1.gets("you need not go")
    assert v1.state == "stood_down"
    assert desk.does(f"/incidents/{incident}/ask-next", {"people": 1})["asked"] == 0
    (again,) = askable(desk, incident)
    desk.does(f"/incidents/{incident}/ask", {"responder": again["responder"]})
    v1.gets("CARDIAC ARREST")


def test_taken_off_before_the_text_has_left_nothing_leaves(town: Town, desk: Desk) -> None:
    v1, _v2, v3 = few(town, 3)[:3]
    incident = town.incidents[-1]
    town.sender.stop()
    one = askable(desk, incident)[0]
    desk.does(f"/incidents/{incident}/ask", {"responder": one["responder"]})
    desk.does(f"/incidents/{incident}/callouts/{desk.person(incident, 'v3')['id']}/take-off", {})
    v1.gets_nothing()
    v3.gets_nothing()


def test_only_who_is_on_it_is_taken_off(town: Town, desk: Desk) -> None:
    v1, v2, v3 = few(town, 3)
    incident = town.incidents[-1]
    v1.texts("2")
    v3.gets("CARDIAC ARREST")
    assert desk.post(f"/incidents/{incident}/callouts/{desk.person(incident, 'v1')['id']}/take-off", {})[0] == 409
    assert desk.post(f"/incidents/{incident}/callouts/none/take-off", {})[0] == 404
    v2.gets_nothing()
