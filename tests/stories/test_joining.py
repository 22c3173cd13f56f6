"""Becoming a volunteer by text and by telephone: strangers, shared phones, and somebody who has no web at all."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from console.accounts import csrf, sessions
from console.models import User
from core import clock as clocks
from dispatch import opening
from responder.certificates import kinds
from responder.certificates.kinds import Kind
from responder.joining import consents, proving
from responder.joining.models import JoinAttempt
from responder.models import Responder
from responder.pages.typed import Fields
from tests.browser import town as area
from tests.people.proofs import picture
from tests.stories.own_page import Phone, link_in, said
from tests.stories.town import CENTRE, Town, Volunteer


class Admin:
    """An admin at the console."""

    def __init__(self, town: Town) -> None:
        self.town, self.client = town, Phone(town).client
        with town.services.write() as session:
            self.user = User(name="ada", role="admin", password_hash="-", password_given=False, theme="auto")
            self.user.created_at = clocks.now()
            session.add(self.user)
        self.signs_in()

    def signs_in(self) -> None:
        """A new session, as after every few days."""
        with self.town.services.write() as session:
            self.cookie = sessions.begin(session, session.get_one(User, self.user.id), "127.0.0.1", "tests")
        self.client.set_cookie(sessions.COOKIE, self.cookie)

    def does(self, path: str, *parts: str, **form: Any) -> str:
        """Send a form of the console; what follows holds every one of `parts`."""
        token = csrf.token(self.town.services.settings.secret, self.cookie)
        answer = self.client.post(path, data={"csrf_token": token} | form, follow_redirects=True)
        self.town.settle()
        return said(answer, 200, parts)

    def sees(self, path: str, *parts: str) -> str:
        """Load a page of the console."""
        return said(self.client.get(path), 200, parts)


def stranger(town: Town, name: str = "Stranger") -> Volunteer:
    """A phone that nobody knows."""
    phone = Volunteer(town, name, f"+44770091{len(town.volunteers):04d}")
    town.volunteers.append(phone)
    return phone


def test_a_stranger_is_answered_once_a_day_and_only_a_join(town: Town) -> None:
    eve = stranger(town)
    eve.texts("hello?")
    eve.gets_nothing()
    eve.texts("JOIN")
    eve.gets("Thank you for wanting to help!", "Ring 0400 123456")
    eve.texts("join")
    eve.texts("1")
    eve.gets_nothing()
    town.clock.turn(24 * 3600 + 1)
    eve.texts("Join")
    eve.gets("Thank you for wanting to help!")


def test_a_second_person_at_a_phone_is_told_and_kept_for_the_admin(town: Town) -> None:
    anna, admin = town.volunteer("Anna"), Admin(town)
    anna.texts("JOIN")
    anna.gets("Each needs an own number", "Ring 0400 123456")
    anna.texts("JOIN")
    anna.gets_nothing()
    admin.sees("/people/waiting", "From the number of Anna")
    admin.does("/people/waiting/1/settled")
    assert "From the number of" not in admin.sees("/people/waiting")
    town.emergency()
    anna.gets("CARDIAC ARREST")


def test_without_the_web_from_joining_to_renewal(town: Town) -> None:
    """Everything is said on the phone or by text; the admin writes it down, the person's own text is the consent."""
    aino, admin = stranger(town, "Aino"), Admin(town)
    aino.texts("JOIN")
    aino.gets("Thank you for wanting to help!")
    form: Fields = {
        "name": "Aino",
        "external_id": "aino",
        "phone": aino.phone,
        "language": "en",
        "transport": "foot",
        "consent": "",
        "night_alerts": "yes",
        "home_coordinates": f"{CENTRE[0] + 0.001}, {CENTRE[1]}",
        "certification-0-type": "cpr",
        "certification-0-expires": "2027-01-31",
    }
    admin.does("/people/new", "Added.", "No consent", "Nothing is on record.", **form)
    admin.does("/people/1/ask-consent", "The text is on its way.")
    aino.gets("May we ask you when somebody near you needs help?", "text JOIN")
    town.emergency()
    assert town.asked() == set(), "nothing counts before her own word"
    town.close()
    aino.texts("JOIN")
    aino.gets("Thank you for agreeing!", "once your certificate is verified")
    admin.sees("/people/1", "Agreed 2026-11-23", f"terms {consents.VERSION}, by their own text (the volunteer)")
    town.emergency()
    assert town.asked() == set(), "nobody has verified a certificate"
    town.close()
    admin.does("/people/1/certifications/1/verify", "Verified.")
    town.emergency()
    aino.gets("CARDIAC ARREST")
    aino.texts("2")
    town.close()
    town.clock.turn(75 * 86_400)
    town.emergency()
    assert town.asked() == set(), "it has lapsed"
    town.close()
    admin.signs_in()
    with town.services.read() as session:
        revision = str(session.scalars(select(Responder.revision)).one())
    new = {"certification-0-number": "2", "certification-0-expires": "2029-01-31", "revision": revision}
    admin.does("/people/1/edit", "Saved.", **form | new | {"consent": "2026-11-23"})
    admin.does("/people/1/certifications/2/verify", "Verified.")
    town.emergency()
    aino.gets("CARDIAC ARREST")


def test_an_admin_sends_somebody_on_the_phone_their_link(town: Town) -> None:
    anna, admin, phone = town.volunteer("Anna"), Admin(town), Phone(town)
    admin.does("/people/1/send-link", "The text is on its way.")
    link = link_in(anna.gets("Your own page: http"))
    assert link.rpartition("/")[2] not in admin.client.get("/people/1").text, "the admin reads the text without its key"
    phone.opens(link, "Anna")


FORM = {
    "name": "Nina Nybliven",
    "address": "Torikatu 3",
    "language": "en",
    "transport": "bike",
    "certificate": "cpr",
    "expires": "2030-01-31",
    "agree": "yes",
    "adult": "yes",
}


@pytest.fixture
def streets(town: Town) -> Town:
    """The town with two streets in its index."""
    with town.services.write() as session:
        area.osm.store_area(session, area._area())
    return town


def test_joining_on_the_web(streets: Town) -> None:
    town, admin = streets, Admin(streets)
    nina, phone = stranger(town, "Nina"), Phone(town)
    nina.texts("JOIN")
    assert link_in(nina.gets("Join at http", "Ring 0400 123456")).endswith("/join")
    missing = {"phone": "", "agree": "", "adult": "", "name": ""}
    wrong = ("18 or older", "nobody may ask you", "Write street, number and town.", "A mobile number that can be texted")
    phone.presses("/join", "/join", *wrong[:2], status=422, **FORM | missing)
    phone.presses("/join", "/join", wrong[2], status=422, phone=nina.phone, **FORM | {"address": "Nowhere 99"})
    phone.presses("/join", "/join", wrong[3], status=422, phone="12", **FORM)
    phone.presses("/join", "/join", "The code from our text", phone=nina.phone, **FORM)
    code = nina.gets("is your code for joining")[:6]
    phone.answers("/join/code", "That is not the code", status=422, code=f"{(int(code) + 1) % 10**6:06d}")
    phone.answers("/join/code", "Thank you for joining!", "Nina Nybliven", "nobody has verified", code=f"{code[:3]} {code[3:]}")
    card = phone.client.get("/card.vcf").text
    assert {f"TEL;TYPE=CELL:{town.our_number}", "TEL;TYPE=CELL:0400 123456"} <= set(card.split("\r\n"))
    town.emergency(address="Torikatu 5")
    assert town.asked() == set()
    town.close()
    admin.sees("/people/1", "on the web, phone proven by a code (the volunteer)", "To verify")
    admin.does("/people/1/certifications/1/verify", "Verified.")
    with town.services.read() as session:
        town_id = session.scalars(select(Responder.external_id)).one()
    town.emergency(address="Torikatu 5")
    nina.gets("CARDIAC ARREST")
    assert town_id.startswith("web-")


def test_the_picture_of_what_somebody_joined_with_is_the_same_certificate(streets: Town) -> None:
    town, admin = streets, Admin(streets)
    nina, phone = stranger(town, "Nina"), Phone(town)
    phone.presses("/join", "/join", phone=nina.phone, **FORM)
    phone.answers("/join/code", "Thank you for joining!", code=nina.gets("is your code for joining")[:6])
    photo = {"evidence": (picture(), "cpr.jpg")}
    told = phone.presses("/me", "/me/certificates", "Somebody looks at it soon", type=FORM["certificate"], **photo)
    assert told.count("waits for somebody to verify it") == 1
    admin.sees("/people/certificates", "1 waits", "Nina Nybliven")
    again = {"evidence": (picture(), "cpr.jpg")}
    phone.presses("/me", "/me/certificates", "Somebody looks at it soon", type=FORM["certificate"], **again)
    admin.sees("/people/certificates", "2 wait")


def test_joining_with_a_certificate_of_the_agencys_own_kind(streets: Town) -> None:
    town, phone = streets, Phone(streets)
    nina = stranger(town, "Nina")
    with town.services.write() as session:
        kinds.save(session, Kind("water_rescue", {"en": "Water rescue"}, {}), "user:ada")
        opening.set_opens(session, "water_rescue", {"cardiac_arrest": {"direct"}}, "user:ada")
    phone.sees("/join", "Water rescue", "CPR")
    phone.presses("/join", "/join", phone=nina.phone, **FORM | {"certificate": "water_rescue"})
    phone.answers("/join/code", "Water rescue – waits for somebody", code=nina.gets("is your code")[:6])
    admin = Admin(town)
    admin.does("/people/1/certifications/1/verify", "Verified.", "Can be asked")
    town.emergency(address="Torikatu 5")
    nina.gets("CARDIAC ARREST")


def test_whether_a_number_is_known_is_told_to_nobody_without_the_phone(streets: Town) -> None:
    town = streets
    anna, thief, phone = town.volunteer("Anna"), Phone(town), Phone(town)
    known = thief.presses("/join", "/join", phone=anna.phone, **FORM)
    eve = stranger(town)
    assert known == thief.presses("/join", "/join", phone=eve.phone, **FORM)
    anna.gets("is your code")
    eve.gets("is your code")
    for guess in range(5):
        thief.answers("/join/code", "That is not the code" if guess < 4 else "has ended", status=422, code="x")
    # The holder's own second try opens her own page and changes nothing; another name at her phone is kept for the admin.
    phone.presses("/join", "/join", phone=anna.phone, **FORM | {"name": "  ANNA "})
    phone.answers("/join/code", "On foot", code=anna.gets("is your code")[:6])
    phone.presses("/join", "/join", phone=anna.phone, **FORM)
    phone.answers("/join/code", "This number belongs to another volunteer", code=anna.gets("is your code")[:6])
    anna.gets("Each needs an own number")
    admin = Admin(town)
    admin.sees("/people/waiting", "From the number of Anna")
    admin.sees("/people/1", "… is your code for joining")
    phone.presses("/join", "/join", "tried too often", status=429, phone=anna.phone, **FORM)
    anna.gets_nothing()


def test_a_code_ends_and_what_was_typed_goes_with_it(streets: Town) -> None:
    town, phone = streets, Phone(streets)
    nina = stranger(town, "Nina")
    phone.presses("/join", "/join", phone=nina.phone, **FORM)
    code = nina.gets("is your code")[:6]
    town.clock.turn(15 * 60)
    phone.answers("/join/code", "has ended", status=422, code=code)
    phone.presses("/join", "/join", phone=stranger(town, "Other").phone, **FORM)
    town.volunteers[-1].gets("is your code")
    proving.forget_due(town.services)
    with town.services.read() as session:
        assert [bool(one.person) for one in session.scalars(select(JoinAttempt).order_by(JoinAttempt.id))] == [False, True]
    town.clock.turn(86_400)
    proving.forget_due(town.services)
    with town.services.read() as session:
        assert session.scalars(select(JoinAttempt)).all() == []
