"""What holds for every text: nothing raises, dress does not matter, one unknown word and nothing is guessed."""

from __future__ import annotations

import string
import time
import tomllib
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import texts as texts_of_dispatch
from dispatch.answers import phrases
from dispatch.answers.grammar import Answer, Meaning, parse
from dispatch.answers.tokens import split
from tests.answers.tables import LANGUAGES, rows

UNCLEAR = Meaning.UNCLEAR
LOUD = {Meaning.HELP, Meaning.RING_ME, Meaning.CALL_ME, Meaning.WISHES_TO_OPT_OUT}
DECIDING = {
    Meaning.GOING, Meaning.CANNOT, Meaning.ON_SCENE, Meaning.FINISHED, Meaning.LEAVING, Meaning.SETTING_OFF, Meaning.OFF,
    Meaning.STOP_WORD,
}  # fmt: skip
EVERY_ROW = [text for language in LANGUAGES for _, text, _ in rows(language)]
PLAIN_ROWS = [text for text in EVERY_ROW if text.isprintable() and not any(mark in text for mark in '“”"?¿')]
DIGITS = {"1": Meaning.GOING, "2": Meaning.CANNOT, "3": Meaning.ON_SCENE, "4": Meaning.FINISHED, "0": Meaning.RING_ME}
unknown_words = (
    st.text(string.ascii_lowercase + "åäöéж", min_size=5, max_size=12)
    .map(lambda word: "q" + word + "x")
    .filter(lambda word: word not in phrases.LEXICON.words)
)


@given(st.text(max_size=300))
def test_any_text_has_an_answer(body: str) -> None:
    answer = parse(body)
    assert isinstance(answer, Answer)
    assert answer == parse(body)
    assert answer.letter is None or answer.letter in string.ascii_uppercase
    assert answer.eta_s is None or (60 <= answer.eta_s <= 3600 and answer.meaning is Meaning.GOING)
    assert answer.transport is None or (answer.transport in ("foot", "bike", "car") and answer.meaning is Meaning.GOING)


@given(st.lists(st.sampled_from(sorted(phrases.LEXICON.words) + list("0123456789?!,.-/'\"\n🚑👍")), max_size=30).map(" ".join))
@settings(max_examples=300)
def test_any_mix_of_our_own_words_has_an_answer(body: str) -> None:
    assert isinstance(parse(body), Answer)


@given(st.characters(categories=["Cs", "Co", "Cn", "Mn", "Cf", "So"]), st.sampled_from("12340"))
def test_strange_characters_never_turn_a_digit_into_another(strange: str, digit: str) -> None:
    for body in (strange + digit, digit + strange, strange):
        assert parse(body).meaning in (DIGITS[digit], UNCLEAR, Meaning.HELP)


@pytest.mark.parametrize("dress", [str.upper, str.lower, str.title, str.swapcase])
def test_case_does_not_matter(dress: object) -> None:
    assert callable(dress)
    assert [text for text in EVERY_ROW if parse(dress(text)) != parse(text)] == []


def test_accents_may_be_missing_or_decomposed() -> None:
    for text in EVERY_ROW:
        decomposed = unicodedata.normalize("NFD", text)
        assert parse(decomposed) == parse(text), text
        bare = "".join(char for char in decomposed if not unicodedata.combining(char))
        if text != "å ja":  # a lone å is a word, an A is a letter
            assert parse(bare) == parse(text), text


@pytest.mark.parametrize(
    "form", ["{}", "  {}  ", "\n{}\n", "{}!", "{}!!", "{} 👍", "({})", "«{}»", "\u200b{}\ufeff", "{} 🙏🏽", "*{}*", "{}…"]
)
def test_what_stands_around_does_not_matter(form: str) -> None:
    assert [text for text in PLAIN_ROWS if text.strip() and parse(form.format(text)) != parse(text)] == []


def test_spaces_may_be_of_any_kind_and_number() -> None:
    for text in PLAIN_ROWS:
        for space in ("   ", "\t", "\u00a0", "\n"):
            assert parse(text.replace(" ", space)) == parse(text), text


@pytest.mark.parametrize("digit", DIGITS)
@pytest.mark.parametrize(
    "form", ["{}", "{}.", "{}!", "({})", "#{}", '"{}"', "{}\ufe0f\u20e3", "{})", " {} ", "{} 👍", "{}\n\nSent from my iPhone"]
)
def test_a_digit_alone_means_one_thing_for_ever(digit: str, form: str) -> None:
    assert parse(form.format(digit)) == Answer(DIGITS[digit])
    wide = chr(ord(digit) - ord("0") + ord("０"))
    assert parse(form.format(wide)) == Answer(DIGITS[digit])


@pytest.mark.parametrize("digit", DIGITS)
@pytest.mark.parametrize("letter", string.ascii_uppercase)
def test_every_letter_goes_with_every_digit(letter: str, digit: str) -> None:
    for form in ("{}{}", "{}:{}", "{}: {}", "{}) {}"):
        assert parse(form.format(letter, digit)) == Answer(DIGITS[digit], letter=letter)
        assert parse(form.format(letter.lower(), digit)) == Answer(DIGITS[digit], letter=letter)


@given(
    st.integers(1, 60),
    st.sampled_from(["1 {} min", "yes {} min", "tulen {} min", "kommer om {} min", "1 in {}", "B1 {} minutes"]),
)
def test_minutes_up_to_an_hour_are_heard(minutes: int, form: str) -> None:
    assert parse(form.format(minutes)).eta_s == minutes * 60


@given(st.integers(61, 10**30), st.sampled_from(["1 {}", "1 {} min", "yes {} min", "tulen {} min", "kommer om {} min"]))
def test_minutes_beyond_an_hour_are_not_surely_anything(minutes: int, form: str) -> None:
    assert parse(form.format(minutes)).meaning is UNCLEAR


@given(st.integers(5, 10**30))
def test_other_numbers_alone_mean_nothing(number: int) -> None:
    if number not in (112, 911, 999):
        assert parse(str(number)).meaning is UNCLEAR


@given(st.sampled_from(EVERY_ROW), unknown_words, st.booleans())
@settings(max_examples=500)
def test_an_unknown_word_makes_a_decision_unclear(text: str, word: str, first: bool) -> None:
    if parse(text).meaning in DECIDING:
        # HELP: "can help" is no offer any more when nobody knows who can.
        assert parse(f"{word} {text}" if first else f"{text} {word}").meaning in (UNCLEAR, Meaning.HELP)


@given(st.lists(unknown_words, min_size=1, max_size=12))
def test_unknown_words_decide_nothing(words: list[str]) -> None:
    assert parse(" ".join(words)).meaning is UNCLEAR


@given(
    st.lists(unknown_words, max_size=8),
    st.lists(unknown_words, max_size=8),
    st.sampled_from(["help", "apua", "hjälp", "HJALP", "Apua!"]),
)
def test_help_is_heard_in_any_sentence(before: list[str], after: list[str], cry: str) -> None:
    assert parse(" ".join([*before, cry, *after])).meaning is Meaning.HELP


@given(st.sampled_from(EVERY_ROW), st.sampled_from(EVERY_ROW))
@settings(max_examples=500)
def test_a_yes_and_a_no_together_are_neither(one: str, other: str) -> None:
    if {parse(one).meaning, parse(other).meaning} == {Meaning.GOING, Meaning.CANNOT}:
        assert parse(f"{one} , {other}").meaning not in (Meaning.ON_SCENE, Meaning.FINISHED, Meaning.OFF, Meaning.STOP_WORD)


def _our_texts() -> list[str]:
    folder = Path(texts_of_dispatch.__file__).parent
    tables = [tomllib.loads((folder / f"{language}.toml").read_text("utf-8")) for language in LANGUAGES]
    return [text.replace("{letter}", "A") for table in tables for text in table["texts"].values()]


def test_our_own_texts_sent_back_decide_nothing() -> None:
    """Forwarded by mistake, whole: it may sound like an alarm, and never like an answer."""
    assert [text for text in _our_texts() if parse(text).meaning not in LOUD | {UNCLEAR}] == []


@pytest.mark.parametrize(
    "reaction",
    [
        "Liked “{}”",
        "Loved “{}”",
        "Emphasized “{}”",
        'Laughed at "{}"',
        "Reacted 👍 to “{}”",
        "Gillade ”{}”",
        "Tykkäsi viestistä ”{}”",
    ],
)
def test_a_reaction_of_a_phone_to_our_text_means_nothing(reaction: str) -> None:
    assert [text for text in _our_texts() if parse(reaction.format(text)).meaning is not UNCLEAR] == []


def test_no_phrase_has_two_meanings() -> None:
    seen: dict[str, phrases.Phrase] = {}
    folder = Path(phrases.__file__).parent
    for code in phrases.LANGUAGES:
        table = tomllib.loads((folder / f"phrases_{code}.toml").read_text("utf-8"))
        for writing, phrase in phrases.entries(table):
            assert writing, (code, phrase)
            assert split(writing) == writing.split(), writing
            assert seen.setdefault(writing, phrase) == phrase, writing


def test_a_phrase_with_a_second_meaning_does_not_load() -> None:
    known: dict[str, phrases.Phrase] = {}
    phrases.add(known, "en", phrases.Phrase(phrases.Kind.NO))
    phrases.add(known, "en", phrases.Phrase(phrases.Kind.NO))
    with pytest.raises(ValueError, match="'en' would mean"):
        phrases.add(known, "en", phrases.Phrase(phrases.Kind.NUMBER, number=1))


def test_patterns_nest_and_unbalanced_ones_do_not_load() -> None:
    assert phrases.expand("a [b|({x}) c] d", {"x": "y|z"}) == ["a b d", "a d", "a y c d", "a z c d"]
    with pytest.raises(ValueError, match="bracket"):
        phrases.expand("a) b", {})


@pytest.mark.parametrize(
    "piece",
    [
        "1 ",
        "help ",
        "ä ",
        "no joo ",
        '"A: ',
        "1,",
        "''",
        "i can ",
        "((((",
        "1!!!",
        "kan inte ",
        "ﷺ",
        "🚑",
        "a" * 50,
        'liked "',
        "jag ",
    ],
)
def test_a_text_of_64_kb_is_no_trouble(piece: str) -> None:
    body = (piece * (64 * 1024 // len(piece) + 1))[: 64 * 1024]
    parts = [body[: len(body) // 8]] * 8
    whole_s, parts_s = (min(_work_s(texts) for _ in range(2)) for texts in ([body], parts))
    assert whole_s < 3 * parts_s + 0.02, "eight times as long is eight times the work, not sixty-four times"


def _work_s(texts: list[str]) -> float:
    """The work of understanding them. How fast an answer is understood: `scripts/bench typed`."""
    started_s = time.thread_time()
    for text in texts:
        parse(text)
    return time.thread_time() - started_s
