"""The simulated volunteers: how they read, how they decide, and what they text."""

from __future__ import annotations

import statistics
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from core.settings import Settings
from sms.simulated.faults import seeded
from sms.simulated.model import Mode
from sms.simulated.reading import Says, read
from sms.simulated.temper import (
    BAFFLING_WORDS,
    DECLINING_WORDS,
    GOING_WORDS,
    HEADLESS,
    HUMAN,
    Intent,
    Spread,
    when_asked,
    when_on_the_way,
)
from sms.simulated.thread import CarrierThread
from tests.simulated.conftest import OURS, PHONE, Called, Customer, client_for

T1 = (
    "A: CARDIAC ARREST near you, ca 400 m, Kallio. Ambulance called. Can you go now? Text 1 = going, 2 = cannot. No duty to go."
)
T1_FI = "HARJOITUS B: SYDÄNPYSÄHDYS lähelläsi, n. 3 km, Kallio. Pääsetkö nyt? Vastaa 1 = tulen, 2 = en pääse."
T1_SV = "ÖVNING C: HJÄRTSTOPP nära dig, ca 400 m. Kan du gå nu? Svara 1 = kommer, 2 = kan inte."
T1B = "A: GO TO Mannerheimintie 5 B 12, door code 1234. Your code 4711. 3 = there, 2 = cannot, 0 = ring me"
T2 = "A: enough helpers are on their way. You need not go. Thank you for being there."


@pytest.mark.parametrize(
    ("body", "letter", "says"),
    [
        (T1, "A", Says.COME),
        (T1_FI, "B", Says.COME),
        (T1_SV, "C", Says.COME),
        (T1B, "A", Says.ADDRESS),
        ("DRILL A: GO TO Kaivokatu 1 C 2. Your code 4711. 3 = there, 2 = cannot, 0 = ring me", "A", Says.ADDRESS),
        (T2, "A", Says.OVER),
        ("A: the ambulance has arrived, you need not go on. Thank you! Travel home safely.", "A", Says.OVER),
        ("A: the ambulance is there. Please hand over to the crew and text 4 when you have left.", "A", Says.TELL_WHEN_LEFT),
        ("A: DO NOT GO IN, NOT SAFE. Text 4 when you are away. In danger ring 112.", "A", Says.TELL_WHEN_LEFT),
        ("A: ADDRESS WAS WRONG, SORRY. Go to Mannerheimintie 50 C 3, not 5 B 12. Too far now? Text 2.", "A", Says.NOTHING),
        ("A: sorry, we could not read that. Text 1 if you are going, 2 if you cannot.", "A", Says.AGAIN),
        ("A: your words are on the dispatcher's screen. If you need a call, text 0.", "A", Says.NOTHING),
        ("A: are you there? Text 3 at the door, 2 if you cannot. Need a call? Text 0.", "A", Says.THERE_YET),
        ("A: are you all right? Text 4 when you have left, 0 if you need a call.", "A", Says.TELL_WHEN_LEFT),
    ],
)
def test_a_text_is_read_by_its_shape(body: str, letter: str, says: Says) -> None:
    reading = read(body)
    assert reading is not None
    assert (reading.letter, reading.says) == (letter, says)


@pytest.mark.parametrize("body", ["Welcome back! Text OFF 8h.", "The dispatcher will ring you.", "", "a: x"])
def test_what_is_about_no_incident_is_left_alone(body: str) -> None:
    assert read(body) is None


def test_volunteers_answer_like_the_funnel() -> None:
    decisions = [when_asked(HUMAN, seeded(1, number)) for number in range(6000)]
    share = {intent: sum(d.intent is intent for d in decisions) / len(decisions) for intent in Intent}
    answered = [d for d in decisions if d.intent is not Intent.SILENT]
    assert share[Intent.GO] == pytest.approx(0.36, abs=0.025)
    assert share[Intent.SILENT] == pytest.approx(0.39, abs=0.025)
    assert share[Intent.GO] + share[Intent.DECLINE] + share[Intent.BAFFLE] < 0.756, "nobody answers what was not seen"
    delays = sorted(d.after_s for d in answered)
    tenths = statistics.quantiles(delays, n=10)
    assert statistics.median(delays) == pytest.approx(40, rel=0.07)
    assert tenths[0] == pytest.approx(23, rel=0.1)
    assert tenths[-1] == pytest.approx(75, rel=0.1)
    digits = sum(d.words in {"1", "2"} for d in answered) / len(answered)
    assert 0.7 < digits < 0.9, "most text a digit, some text words"


def test_those_going_arrive_like_the_funnel() -> None:
    fates = [when_on_the_way(HUMAN, seeded(1, number)) for number in range(4000)]
    arriving = [fate for fate in fates if fate.words == "3"]
    assert len(arriving) / len(fates) == pytest.approx(27.1 / 37.7, abs=0.03)
    assert statistics.median(fate.after_s for fate in arriving) == pytest.approx(240, rel=0.1)


def test_the_same_seed_decides_the_same() -> None:
    first, again, other = ([when_asked(HUMAN, seeded(seed, n)) for n in range(50)] for seed in (1, 1, 2))
    assert first == again != other


def test_headless_volunteers_are_quick_and_enough_of_them_come() -> None:
    for town in range(200):
        seven = [when_asked(HEADLESS, seeded(1, town, number)) for number in range(7)]
        assert all(decision.after_s <= 4 for decision in seven)
        thirty = seven + [when_asked(HEADLESS, seeded(1, town, number)) for number in range(7, 30)]
        assert sum(decision.intent is Intent.GO for decision in thirty) >= 3


class Story:
    """A carrier whose volunteers answer at once, and a way to wait for what they text."""

    def __init__(self, carrier: CarrierThread, customer: Customer) -> None:
        self.carrier = carrier
        self._arrived = threading.Condition()
        self._client = client_for(carrier)

        def hear(_: Called) -> tuple[int, str, str]:
            with self._arrived:
                self._arrived.notify_all()
            return 200, "text/xml", "<Response/>"

        customer.answer = hear

    def tell(self, body: str, to: str = PHONE) -> None:
        self._client.messages.create(to=to, from_=OURS, body=body)
        self.carrier.wait_idle()

    def said(self, count: int, number: str = PHONE) -> list[str]:
        """The first `count` texts of that phone, waiting for them."""
        with self._arrived:
            done = self._arrived.wait_for(lambda: len(self.carrier.messages_from(number)) >= count, 5)
        assert done, [text.body for text in self.carrier.messages_from(number)]
        return [text.body for text in self.carrier.messages_from(number)]

    def close(self) -> None:
        self._client.http_client.session.close()


NOW = Spread(0.01, 0, 0, 0.01)
SURE = replace(HEADLESS, going=1.0, declining=0.0, wordy=0.0, answer=NOW, way=NOW, stay=NOW)


@pytest.fixture
def story(own_settings: Settings, customer: Customer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Story]]:
    opened: list[Any] = []

    def begin(**more: float) -> Story:
        monkeypatch.setattr("sms.simulated.autopilot.HEADLESS", replace(SURE, **more))
        carrier = CarrierThread(own_settings, inbound_url=f"{customer.url}/sms/inbound", autopilot=Mode.HEADLESS).start()
        told = Story(carrier, customer)
        opened.extend([told.close, carrier.stop])
        return told

    yield begin
    for close in opened:
        close()


def test_a_volunteer_goes_arrives_and_leaves(story: Callable[..., Story]) -> None:
    told = story()
    told.tell(T1)
    assert told.said(1) == ["1"]
    told.tell(T1B)
    assert told.said(3) == ["1", "3", "4"]


def test_with_two_live_alerts_the_letter_goes_with_the_digit(story: Callable[..., Story]) -> None:
    told = story()
    told.tell(T1)
    told.said(1)
    told.tell(T1_FI)
    assert told.said(2) == ["1", "B1"]
    told.tell(T2)
    told.tell(T1B.replace("A:", "B:"))
    assert told.said(4)[2:] == ["3", "4"], "only B is left"


def test_a_volunteer_who_was_not_understood_says_1(story: Callable[..., Story]) -> None:
    told = story(baffling=1.0)
    told.tell(T1)
    told.said(1)
    told.tell("A: sorry, we could not read that. Text 1 if you are going, 2 if you cannot.")
    assert told.said(2)[1] == "1"


@pytest.mark.parametrize(
    ("number", "body"),
    [("+447700901000", T1), ("+358401234567", T1), (PHONE, "Welcome back! You will be asked again."), (PHONE, T1B)],
)
def test_nobody_else_and_nothing_else_is_answered(story: Callable[..., Story], number: str, body: str) -> None:
    told = story()
    told.tell(body, to=number)
    told.tell(T1, to="+447700900777")
    told.said(1, "+447700900777")
    assert told.carrier.messages_from(number) == []


def test_a_phone_that_is_off_or_an_autopilot_that_is_off_stays_silent(story: Callable[..., Story]) -> None:
    told = story()
    told.carrier.faults.switched_off = {PHONE}
    told.tell(T1)
    told.carrier.set_autopilot(Mode.OFF)
    told.tell(T1, to="+447700900003")
    told.carrier.set_autopilot(Mode.HEADLESS)
    told.tell(T1, to="+447700900777")
    told.said(1, "+447700900777")
    assert told.carrier.messages_from(PHONE) == told.carrier.messages_from("+447700900003") == []


def test_the_volunteers_words_mean_what_they_are_meant_to() -> None:
    from dispatch.answers.grammar import parse

    meant = {
        "going": GOING_WORDS,
        "cannot": DECLINING_WORDS,
        "unclear": BAFFLING_WORDS,
    }
    for meaning, phrases in meant.items():
        assert [parse(words).meaning.value for words in phrases] == [meaning] * len(phrases)


@pytest.mark.parametrize("language", ["en", "sv", "fi"])
@pytest.mark.parametrize("drill", [False, True])
def test_the_shipped_texts_are_read_right(language: str, drill: bool) -> None:
    from dispatch.texts import catalog, words
    from dispatch.texts.placeholders import PLACEHOLDERS
    from dispatch.texts.templates import parse

    expected = {
        Says.COME: ("T1", "T1_fire"),
        Says.ADDRESS: ("T1b",),
        Says.OVER: ("T2", "T2b", "T2c", "T3", "T3b", "T3c", "T7"),
        Says.TELL_WHEN_LEFT: ("T4", "T4b", "T4c", "T5", "T12"),
        Says.AGAIN: ("T8",),
        Says.THERE_YET: ("T11",),
        Says.NOTHING: ("T6", "T9"),
    }
    for says, keys in expected.items():
        for key in keys:
            names = parse(words.language(language).texts[key]).names
            body = catalog.render(key, language, drill=drill, **{name: PLACEHOLDERS[name].longest for name in names})
            reading = read(body)
            assert reading is not None, body
            assert (reading.letter, reading.says) == ("A", says), body
