"""The people whom somebody has to ring: on a page that admins alone read, red when it is late."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from core import clock as clocks
from core.clock import HandClock
from core.services import Services
from responder import availability, erasure, index
from responder.care import call_backs
from responder.care.call_backs import RING_ME, SO_SO
from responder.care.models import CallBack
from responder.models import ReachablePlace, Responder
from tests.people.conftest import Visitor, words


@pytest.fixture
def wishes(services: Services) -> Callable[[int, str], None]:
    def wish(responder_id: int, which: str) -> None:
        with services.write() as session:
            call_backs.ask_for(session, session.get_one(Responder, responder_id), which, services.settings.zone_info)

    return wish


def is_off(services: Services, responder_id: int) -> bool:
    with services.read() as session:
        until = session.scalar(select(ReachablePlace.off_until).where(ReachablePlace.responder_id == responder_id))
    return bool(until)


def test_the_list_says_whom_to_ring_by_when_and_what_came_of_it(
    admin: Visitor,
    person: Callable[..., int],
    wishes: Callable[[int, str], None],
    services: Services,
    clock: HandClock,
    kinds: Callable[[int], list[str]],
) -> None:
    aino, bo = person("Aino Virtanen"), person("Bo Berg")
    wishes(bo, SO_SO)
    wishes(aino, RING_ME)
    told = words(admin.get("/people/calls"))
    assert told.index("Aino Virtanen") < told.index("Bo Berg"), "the soonest first"
    for part in ("+447700900000", "by 2026-11-23 20:00", "Asked to be rung.", "no emergency meanwhile", "promised a call"):
        assert part in told
    assert "Overdue" not in told
    assert "2 people wait for a call" in words(admin.get("/admin"))
    assert "Waits for a call, by 2026-11-23 20:00" in words(admin.get(f"/people/{aino}"))
    assert (is_off(services, aino), is_off(services, bo)) == (True, False)
    clock.turn(8 * 3600)
    late = admin.get("/people/calls")
    assert words(late).count("Overdue") == 1
    overview = admin.get("/admin")
    assert "1 person should have been rung by now" in words(overview)
    assert 'class="notice act-now" role="alert"' in overview.text
    with services.read() as session:
        call_id = session.scalar(select(CallBack.id).where(CallBack.responder_id == aino))
    refused = admin.post(f"/people/calls/{call_id}/done", {"note": "x" * 501})
    assert (refused.status_code, "at most 500 characters" in words(refused)) == (422, True)
    admin.post(f"/people/calls/{call_id}/done", {"note": "Sleeps again.\nA friend looks in."})
    admin.post(f"/people/calls/{call_id}/done", {"note": "said again"})
    told = words(admin.get("/people/calls"))
    assert ", admin, after the time that was promised Sleeps again. A friend looks in." in told
    assert "said again" not in told
    assert not is_off(services, aino)
    assert kinds(aino).count("call_back_done") == 1
    assert admin.post("/people/calls/99/done").status_code == 404


def test_the_list_and_the_page_say_that_they_are_not_asked_and_to_admins_why(
    visitor: Callable[[str], Visitor], person: Callable[..., int], wishes: Callable[[int, str], None], services: Services
) -> None:
    aino, bo = person("Aino"), person("Bo")
    wishes(aino, RING_ME)
    with services.write() as session:
        session.get_one(Responder, bo).full_until = clocks.now() + timedelta(days=2)
        index.refresh(session, [bo])
    admin, auditor = visitor("admin"), visitor("auditor")
    badges = re.compile(r'class="badge[^"]*"><span aria-hidden="true">.</span> ([^<]+)<')
    assert badges.findall(admin.get("/people").text) == ["Waits for a call", "Had enough alerts"]
    assert badges.findall(admin.get("/people", standing="call").text) == ["Waits for a call"]
    assert badges.findall(auditor.get("/people").text) == ["Not for now", "Had enough alerts"]
    for reader, why in ((admin, "Not asked: waits for a call."), (auditor, "Not asked for the time being.")):
        assert why in words(reader.get(f"/people/{aino}"))
        page = words(reader.get(f"/people/{bo}"))
        assert "Not asked: has had as many alerts as they wish." in page
        assert "is off" not in page


def test_a_wish_grows_and_never_shrinks_and_one_call_at_a_time_waits(
    person: Callable[..., int], wishes: Callable[[int, str], None], services: Services
) -> None:
    aino = person()
    for which in (SO_SO, SO_SO, RING_ME, SO_SO, RING_ME):
        wishes(aino, which)
    with services.read() as session:
        (call,) = session.scalars(select(CallBack)).all()
        assert (call.wish, call.holds) == (RING_ME, True)


def test_whoever_said_on_and_asks_once_more_is_not_asked_again_and_keeps_the_sooner_promise(
    person: Callable[..., int], services: Services, clock: HandClock
) -> None:
    aino = person()

    def wish() -> datetime | None:
        with services.write() as session:
            return call_backs.ask_for(session, session.get_one(Responder, aino), RING_ME, services.settings.zone_info)

    first = wish()
    with services.write() as session:
        availability.set_on(session, session.get_one(Responder, aino))
    assert not is_off(services, aino)
    clock.turn(86_400)
    assert wish() == clocks.now().replace(hour=18, minute=0)
    assert is_off(services, aino)
    with services.read() as session:
        assert call_backs.of_person(session, aino).due_at == first, "it is overdue, and stays so"
    assert wish() is None


def test_nobody_but_admins_reads_it_and_it_goes_with_the_person(
    visitor: Callable[[str], Visitor], person: Callable[..., int], wishes: Callable[[int, str], None], services: Services
) -> None:
    aino = person()
    wishes(aino, RING_ME)
    for role in ("auditor", "dispatcher"):
        assert visitor(role).get("/people/calls").status_code == 403
        assert "waits for a call" not in words(visitor(role).get("/admin"))
    assert "Waits for a call" not in words(visitor("auditor").get(f"/people/{aino}"))
    with services.write() as session:
        erasure.erase(session, "p-00", "user:admin")
    with services.read() as session:
        assert session.scalars(select(CallBack)).all() == []
