"""What a volunteer's text means. Pure, total and deterministic: any text has exactly one answer, and none raises.

Forgiving in how a thing is written, never in what it says: the whole text must be made of phrases that we know
(`phrases_*.toml`, every language for everyone) and they must agree; one unknown word and it is UNCLEAR. Three things are
heard in any sentence, because missing them costs more than hearing them once too often: a call for help, a wish to be rung,
and a wish to be asked no more.

Numbers: 1 going, 2 cannot, 3 on scene, 4 finished, 0 ring me, for ever. A number after a going is minutes: 1 to 60.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from dispatch.answers import reading
from dispatch.answers.phrases import LEXICON, UNKNOWN, Kind, Phrase
from dispatch.answers.tokens import fold, own_words, split


class Meaning(StrEnum):
    """What a text says; what follows from it depends on the callout's state and is decided by the caller."""

    GOING = "going"
    CANNOT = "cannot"
    ON_SCENE = "on_scene"
    FINISHED = "finished"
    LEAVING = "leaving"
    """ "Leaving": finished from someone on scene, a note before."""
    SETTING_OFF = "setting_off"
    """ "lähden", "jag åker nu", "yes, leaving now": going before an answer, finished from someone on scene."""
    RING_ME = "ring_me"
    """A 0, whatever stands around it."""
    CALL_ME = "call_me"
    """RING ME in words: as a 0 from someone on a callout, else a wish for a call today."""
    HELP = "help"
    """A call for help or a word of danger in any sentence: an alarm from someone on a callout."""
    WHERE = "where"
    OFF = "off"
    ON = "on"
    TEST = "test"
    FINE = "fine"
    SO_SO = "so_so"
    JOIN = "join"
    LINK = "link"
    """A wish for the link to one's own page."""
    WISHES_TO_OPT_OUT = "wishes_to_opt_out"
    STOP_WORD = "stop_word"
    START_WORD = "start_word"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Answer:
    """A text, understood. `letter` is A-Z as named in it; `eta_s` the volunteer's own 60 to 3600 seconds.

    `asks_where`: besides the meaning it asks for the address ("yes, where?"). `only_yes_no`: nothing but a bare yes or no,
    which answers whatever was asked last ("are you all right?" "no"), and is 1 or 2 only as the answer to a first text.
    `only_courtesy`: "ok", "thanks", and nothing else, which asks for nothing where nothing was asked.
    """

    meaning: Meaning
    letter: str | None = None
    eta_s: int | None = None
    transport: str | None = None
    off_for: timedelta | None = None
    asks_where: bool = False
    only_yes_no: bool = False
    only_courtesy: bool = False


UNCLEAR = Answer(Meaning.UNCLEAR)

_START = r"[\W_]*(?:(?:drill|ovning|harjoitus)[\W_]+)?"
_NAMED = re.compile(rf"{_START}([a-z])(?:(?P<surely>\s*[:)](?=[\W_]*[^\W_])|(?=\d))|(?<!i)[\W_]+|[\W_]+(?=\d)|$)")
"""A letter at the start: surely one before a colon or a digit; "I" before words is a pronoun."""
_NAMED_AFTER = re.compile(r"[\W_]*([0-4])(?:([abcefg])(?![^\W_])|\s+([abc])[\W_]*$)")
"""Letters after the digit ("1A") leave out those that are units there: 2d, 8h, 4m, 1k, 1x."""
_MINUTES_IN = {Kind.MINUTES: 1, Kind.HOURS: 60, Kind.DAYS: 24 * 60, Kind.WEEKS: 7 * 24 * 60}
_LONGEST_OFF = timedelta(days=366)
_ZERO = Phrase(Kind.NUMBER, number=0)
_LOUD = frozenset({Kind.HELP, Kind.RING_ME, Kind.OPT_OUT})
_MOST_PHRASES = 24
"""A text of more phrases than this is a story, not an answer."""


def parse(body: str) -> Answer:
    """What a text means. Never raises; what is not surely understood is UNCLEAR, with its letter if it names one."""
    text = own_words(fold(body, LEXICON.pictures))
    named = _NAMED.match(text)
    if named and named["surely"] is not None:
        return replace(_understand(split(text[named.end() :])), letter=named[1].upper())
    heard = _understand(split(text))
    if heard.meaning is not Meaning.UNCLEAR:
        return heard
    if after := _NAMED_AFTER.match(text):
        return _if_clear(f"{after[1]} {text[after.end() :]}", after[2] or after[3])
    if named:
        rest = text[named.end() :]
        return _if_clear(rest, named[1]) if split(rest) else replace(UNCLEAR, letter=named[1].upper())
    return heard


def _if_clear(rest: str, letter: str) -> Answer:
    """The meaning of the rest with its letter; a letter that is not surely one ("a knife") counts only beside an answer."""
    heard = _understand(split(rest))
    return heard if heard.meaning in (Meaning.UNCLEAR, Meaning.HELP) else replace(heard, letter=letter.upper())


def _understand(tokens: list[str]) -> Answer:
    items, loud = scan([word for token in tokens for word in _known_writing(token)])
    return _in_any_sentence(items, loud) or _command(items) or _as_a_whole(items) or _unclear(items)


def _unclear(items: list[Phrase]) -> Answer:
    return replace(UNCLEAR, only_courtesy=bool(items) and all(item.kind is Kind.FILLER for item in items))


def scan(words: list[str]) -> tuple[list[Phrase], set[Kind]]:
    """The words as phrases, each the longest that begins there, and the loud kinds heard in any sentence.

    A loud phrase counts even where a longer one began before it and took some of its words ("kan inte komma" / "komma ut"),
    unless a phrase covers it whole: that is how "no help needed" is no call for help.
    """
    items: list[Phrase] = []
    loud: set[Kind] = set()
    begins = 0
    for at in range(len(words)):
        found, end, loud_found, loud_end = _longest(words, at)
        if at >= begins:
            items.append(found or _mark_or_number(words[at]))
            begins = end if found else at + 1
        if loud_found and (loud_end > begins or items[-1] is loud_found):
            loud.add(loud_found.kind)
    return items, loud


def _longest(words: list[str], at: int) -> tuple[Phrase | None, int, Phrase | None, int]:
    """The longest phrase from `at` and where it ends, and the longest of the loud kinds."""
    found, end, loud, loud_end = None, at, None, at
    for ahead in range(at + 1, min(at + LEXICON.longest, len(words)) + 1):
        phrase = LEXICON.phrases.get(" ".join(words[at:ahead]))
        if phrase is not None:
            found, end = phrase, ahead
            if phrase.kind in _LOUD:
                loud, loud_end = phrase, ahead
    return found, end, loud, loud_end


_THREE_AND_MORE = re.compile(r"([a-z])\1{2,}")


def _known_writing(token: str) -> tuple[str, ...]:
    """The token as our tables write it: "yesss", "heeelp", "jooo" drawn out, "onmyway" written together."""
    if token in LEXICON.words:
        return (token,)
    if token in LEXICON.together:
        return LEXICON.together[token]
    if _THREE_AND_MORE.search(token):
        for kept in (r"\1\1", r"\1"):
            shorter = _THREE_AND_MORE.sub(kept, token)
            if shorter in LEXICON.words and len(shorter) > 1:
                return (shorter,)
    return (token,)


def _mark_or_number(token: str) -> Phrase:
    if token.isascii() and token.isdigit():
        if not token.strip("0"):
            return Phrase(Kind.NUMBER, number=0)
        return Phrase(Kind.NUMBER, number=int(token)) if token[0] != "0" and len(token) <= 3 else UNKNOWN
    if token[0] == "?":
        return Phrase(Kind.QUESTION)
    return Phrase(Kind.SQUEEZED, word=token) if token[0] in ",.-–" else UNKNOWN


def _in_any_sentence(items: list[Phrase], loud: set[Kind]) -> Answer | None:
    """Help, a call and a farewell are heard whatever stands around them, help first."""
    if Kind.HELP in loud or _is_help_after_all(items):
        return Answer(Meaning.HELP)
    if _begins_with_zero(items) or (Kind.RING_ME in loud and _ZERO in items):
        return Answer(Meaning.RING_ME)
    if Kind.RING_ME in loud:
        return Answer(Meaning.CALL_ME)
    return Answer(Meaning.WISHES_TO_OPT_OUT) if Kind.OPT_OUT in loud else None


def _is_help_after_all(items: list[Phrase]) -> bool:
    """ "can help" is an offer where a text begins, and none after words that we do not know: "nobody here can help"."""
    unknown_before = False
    for item in items:
        if item.kind is Kind.OFFER_FIRST and unknown_before:
            return True
        unknown_before = unknown_before or item.kind in (Kind.UNKNOWN, Kind.NO)
    return False


def _begins_with_zero(items: list[Phrase]) -> bool:
    """A 0 and then words of any kind is still a 0; "0 min" is none. With another number the whole text must be read ("0 40 123
    4567" is a phone's): "0 1" and "1 0" then ring too, for whoever writes a 0 wants that most, and is asked the rest."""
    spoken = [item for item in items if item.kind is not Kind.FILLER]
    if not spoken or spoken[0] != _ZERO:
        return False
    return len(spoken) == 1 or spoken[1].kind not in (*_MINUTES_IN, Kind.NUMBER, Kind.SQUEEZED)


_SINGLE = {
    Kind.STOP: Meaning.STOP_WORD,
    Kind.CARRIER_STOP: Meaning.STOP_WORD,
    Kind.START: Meaning.START_WORD,
    Kind.ZERO_ALONE: Meaning.RING_ME,
    Kind.HELP_ALONE: Meaning.HELP,
}
_WITH_COURTESY = {
    Kind.STOP: Meaning.WISHES_TO_OPT_OUT,
    Kind.ON: Meaning.ON,
    Kind.OFF: Meaning.OFF,
    Kind.HELP_ALONE: Meaning.HELP,
    Kind.HURRY: Meaning.HELP,
}


def _command(items: list[Phrase]) -> Answer | None:
    """Words that count only by themselves or among courtesies: STOP, START, ON, OFF, OFF 8h."""
    if len(items) == 1 and items[0].kind in _SINGLE:
        return Answer(_SINGLE[items[0].kind])
    spoken = [item for item in items[:_MOST_PHRASES] if item.kind not in (Kind.FILLER, Kind.NOW, Kind.FOR_TIME)]
    if len(spoken) == 1 and len(items) <= _MOST_PHRASES and spoken[0].kind in _WITH_COURTESY:
        return Answer(_WITH_COURTESY[spoken[0].kind])
    if len(items) <= _MOST_PHRASES and [item.kind for item in spoken[:2]] == [Kind.OFF, Kind.NUMBER] and len(spoken) == 3:
        length = timedelta(minutes=spoken[1].number * _MINUTES_IN.get(spoken[2].kind, 0))
        return Answer(Meaning.OFF, off_for=length) if timedelta(0) < length <= _LONGEST_OFF else None
    return None


def _as_a_whole(items: list[Phrase]) -> Answer | None:
    """The one thing that all phrases of the text say together, or None."""
    read = reading.read(items) if len(items) <= _MOST_PHRASES else None
    if read is None:
        return None
    return Answer(
        Meaning(read.says),
        eta_s=read.minutes * 60 if read.minutes else None,
        transport=read.transport if read.transport != "other" else None,
        asks_where=read.asks_where,
        only_yes_no=read.only_yes_no,
    )
