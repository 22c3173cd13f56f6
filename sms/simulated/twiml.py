"""TwiML as far as a call of ours needs it: Say, Gather, Pause and Hangup."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin
from xml.etree import ElementTree

MOST_LOOPS = 20


class NotTwiml(Exception):
    """An answer that a carrier cannot carry out; the text says why."""


@dataclass(frozen=True)
class Say:
    """Words, in a language, so many times."""

    words: str
    language: str
    times: int


@dataclass(frozen=True)
class Pause:
    """Silence."""

    length_s: float


@dataclass(frozen=True)
class Gather:
    """Says its `prompts` and listens for one key, for `timeout_s` after the last word. `empty_too`: the action is asked also
    when none was pressed; else the call goes on after it."""

    prompts: tuple[Say | Pause, ...]
    action: str
    timeout_s: float
    empty_too: bool


@dataclass(frozen=True)
class Hangup:
    """The end."""


Verb = Say | Pause | Gather | Hangup


def parse(document: str, url: str) -> list[Verb]:
    """The verbs of a document fetched from `url`. Raises NotTwiml."""
    try:
        root = ElementTree.fromstring(document)  # noqa: S314  # our own application's answer, at most 64 KB
    except ElementTree.ParseError as error:
        raise NotTwiml("the answer is not XML") from error
    if root.tag != "Response":
        raise NotTwiml(f"the answer is a {root.tag}, not a Response")
    return [_verb(element, url) for element in root]


def _verb(element: ElementTree.Element, url: str) -> Verb:
    match element.tag:
        case "Gather":
            prompts = tuple(_spoken(child) for child in element)
            action = urljoin(url, element.get("action", url))
            empty_too = element.get("actionOnEmptyResult") == "true"
            if element.get("numDigits") != "1":
                raise NotTwiml("only a Gather of one digit is simulated")
            return Gather(prompts, action, float(element.get("timeout", "5")), empty_too)
        case "Hangup":
            return Hangup()
        case _:
            return _spoken(element)


def _spoken(element: ElementTree.Element) -> Say | Pause:
    if element.tag == "Pause":
        return Pause(float(element.get("length", "1")))
    if element.tag != "Say":
        raise NotTwiml(f"the verb {element.tag} is not simulated")
    times = min(int(element.get("loop", "1")), MOST_LOOPS)
    return Say("".join(element.itertext()).strip(), element.get("language", "en-US"), times)
