"""A text as one whole: what its phrases say together, if every one of them has its place and none contradicts another."""

from __future__ import annotations

from dataclasses import dataclass, field

from dispatch.answers.phrases import Kind, Phrase

_DIGITS = {0: Kind.RING, 1: Kind.GOING, 2: Kind.CANNOT, 3: Kind.ON_SCENE, 4: Kind.FINISHED}
_GOES: frozenset[Kind] = frozenset({Kind.YES, Kind.GOING, Kind.CAN_GO})
_REFUSES: frozenset[Kind] = frozenset({Kind.NO, Kind.CANNOT})
_SAYINGS: frozenset[Kind] = frozenset(
    {
        *_GOES, *_REFUSES, Kind.ON_SCENE, Kind.FINISHED, Kind.LEAVING, Kind.SETTING_OFF, Kind.ARRIVING, Kind.RING,
        Kind.WHERE, Kind.TEST, Kind.FINE, Kind.SO_SO, Kind.JOIN, Kind.LINK, Kind.OPT_OUT_ALONE,
    }
)  # fmt: skip
_AROUND = frozenset({Kind.FILLER, Kind.NOW, Kind.WITH_YES, Kind.WITH_NO, Kind.OFFER, Kind.OFFER_FIRST, Kind.HURRY})
_SAYS_MORE = frozenset({Kind.OFFER, Kind.OFFER_FIRST, Kind.HURRY})
"""Beside these a yes is no bare one."""
_BEFORE_MINUTES = (Kind.ETA_BEFORE, Kind.ABOUT, Kind.N)
_LAST_MINUTE = 60
"""An own ETA longer than this is no going that anybody can count on, so it is not surely understood."""


def _together() -> dict[frozenset[Kind], str]:
    """What sets of sayings mean; a set that is not here contradicts itself."""
    yes, going, off, leaving = map(Kind, (Kind.YES, Kind.GOING, Kind.SETTING_OFF, Kind.LEAVING))
    alone: dict[Kind, str] = {
        yes: "going",
        Kind.NO: "cannot",
        Kind.RING: "call_me",
        Kind.OPT_OUT_ALONE: "wishes_to_opt_out",
        Kind.ARRIVING: "",
    }
    table: dict[frozenset[Kind], str] = {
        frozenset({kind}): alone.get(kind, kind.value) for kind in _SAYINGS if kind is not Kind.CAN_GO
    }
    for kind in (going, Kind.ON_SCENE, Kind.FINISHED, off, Kind.FINE, Kind.RING, Kind.TEST, Kind.JOIN, Kind.ARRIVING):
        table[frozenset({yes, kind})] = table[frozenset({kind})]
    for kind in (going, off, leaving, Kind.FINE, Kind.WHERE, Kind.ON_SCENE, Kind.FINISHED, Kind.SO_SO):
        table[frozenset({Kind.RING, kind})] = "call_me"
    for others in ({yes, leaving}, {going, leaving}, {yes, going, leaving}):
        table[frozenset(others)] = "setting_off"
    for others in ({going, off}, {yes, going, off}, {yes, going, Kind.ARRIVING}, {going, Kind.ARRIVING}):
        table[frozenset(others)] = "going"
    for others in ({leaving}, {off}, {leaving, yes}, {off, yes}):
        table[frozenset({Kind.FINISHED, *others})] = "finished"
    for kind in (Kind.ON_SCENE, Kind.FINISHED):
        table[frozenset({Kind.FINE, kind})] = kind.value
    table[_REFUSES] = "cannot"
    return table


_TOGETHER = _together()


@dataclass
class Read:
    """The outcome: `says` is the value of a Meaning; `minutes` and `transport` are the volunteer's own."""

    says: str = ""
    minutes: int | None = None
    transport: str | None = None
    asks_where: bool = False
    only_yes_no: bool = False


@dataclass
class _Reader:
    """Goes through the phrases once; any step that returns False ends it, unclear."""

    items: list[Phrase]
    sayings: set[Kind] = field(default_factory=set)
    around: set[Kind] = field(default_factory=set)
    digit: int | None = None
    minutes: int | None = None
    is_in: bool = False
    """The minutes stood with "in": until something."""
    maybe_two: bool = False
    zero: bool = False
    transport: str | None = None

    def take(self, at: int) -> int:
        """Take the phrase at `at`; returns how many phrases were taken, 0 when it has no place here."""
        if used := self._take_minutes(at):
            return used
        item = self.items[at]
        if item.kind in _AROUND:
            self.around.add(item.kind)
        elif item.kind in _SAYINGS:
            self.sayings.add(item.kind)
        elif not self._take_other(item, at):
            return 0
        return 1

    def _take_other(self, item: Phrase, at: int) -> bool:
        following = self.items[at + 1] if at + 1 < len(self.items) else None
        if item.kind is Kind.NUMBER:
            return self._take_number(item.number)
        if item.kind is Kind.TRANSPORT:
            if self.transport not in (None, item.word):
                return False
            self.transport = item.word
            return True
        if item.kind is Kind.N:
            self.sayings.add(Kind.NO)
            return True
        if item.kind is Kind.BEFORE_DIGIT:
            return following is not None and following.kind is Kind.NUMBER
        if item.kind is Kind.QUESTION:
            return at > 0 and self.items[at - 1].kind in (Kind.WHERE, Kind.RING, Kind.QUESTION)
        if item.kind is Kind.SQUEEZED:
            return self._is_minutes_comma(item, at)
        return False

    def _is_minutes_comma(self, item: Phrase, at: int) -> bool:
        """ "1,4" is a 1 and a 4 without the space; "1.30" is a time of day, "1,5 min" a fraction."""
        after = self.items[at + 1 : at + 3]
        has_unit = len(after) > 1 and after[1].kind is not Kind.TRANSPORT
        return item.word in ",." and self.digit == 1 and self.minutes is None and 3 <= after[0].number <= 9 and not has_unit

    def _take_minutes(self, at: int) -> int:
        """ "in 4", "4 min", "om ca 4 minuter", "5-10 min", "4 min päästä": minutes that say so. Returns phrases used."""
        end = at
        while end < len(self.items) and self.items[end].kind in _BEFORE_MINUTES and self._number_follows(end):
            end += 1
        has_before, start = any(item.kind is Kind.ETA_BEFORE for item in self.items[at:end]), end
        if not self._is_number(start):
            return 0
        end = start + 1
        minutes = self.items[start].number
        if self._is_range(start):
            minutes, end = self.items[start + 2].number, start + 3
        has_unit = end < len(self.items) and self.items[end].kind is Kind.MINUTES
        end += has_unit
        has_after = end < len(self.items) and self.items[end].kind is Kind.ETA_AFTER
        end += has_after
        if not (has_before or has_unit or has_after) or self.minutes is not None or not 1 <= minutes <= _LAST_MINUTE:
            return 0
        self.minutes, self.is_in = minutes, has_before or has_after
        return end - at

    def _number_follows(self, at: int) -> bool:
        return at + 1 < len(self.items) and (self.items[at + 1].kind in _BEFORE_MINUTES or self._is_number(at + 1))

    def _is_number(self, at: int) -> bool:
        return at < len(self.items) and self.items[at].kind in (Kind.NUMBER, Kind.ETA_NUMBER)

    def _is_range(self, at: int) -> bool:
        """ "5-10 min": the later one is what can be counted on."""
        if at + 3 >= len(self.items) or self.items[at + 1].word not in ("-", "–") or not self._is_number(at + 2):
            return False
        return self.items[at].number < self.items[at + 2].number and self.items[at + 3].kind is Kind.MINUTES

    def _take_number(self, number: int) -> bool:
        """A bare number: the digit if it comes first, minutes after a 1, else it must repeat what was said.

        After words it is not surely minutes: "yes 4" has a digit in it, "coming 18" a time of day.
        """
        if number == 0:
            self.zero = True
            return True
        if self.digit is None and not self.sayings and number in _DIGITS:
            self.digit = number
            self.sayings.add(_DIGITS[number])
            return True
        if number == self.digit or (number in _DIGITS and _DIGITS[number] in self.sayings and number > 1):
            return True
        if self.digit == 1 and self.minutes is None and 2 <= number <= _LAST_MINUTE:
            self.minutes, self.maybe_two = number, number == 2
            return True
        return self._repeats_in_words(number)

    def _repeats_in_words(self, number: int) -> bool:
        if number == 1 or (number == 2 and self.sayings <= _REFUSES):
            self.sayings.add(_DIGITS[number])
            return True
        return False

    def outcome(self) -> Read | None:
        """What was said, or None when it does not agree."""
        if self.zero:
            return Read("ring_me")
        asks_where = Kind.WHERE in self.sayings and len(self.sayings) > 1 and Kind.RING not in self.sayings
        sayings = self.sayings - {Kind.WHERE} if asks_where else self.sayings
        if Kind.CAN_GO in sayings:
            if self.is_in:
                return None
            sayings = sayings - {Kind.CAN_GO} | {Kind.GOING}
        says = _TOGETHER.get(frozenset(sayings))
        if says is not None and self.is_in and says in ("on_scene", ""):
            says = "going"
        if says == "" and self.minutes is not None:
            says = "going"
        if says == "on_scene" and Kind.HURRY in self.around:
            return Read("help")  # whoever is there asks others to hurry
        if not says or not self._fits(says):
            return None
        is_bare = self.digit is None and self.minutes is None and self.transport is None and not asks_where
        only_yes_no = is_bare and not self.around & _SAYS_MORE and sayings <= {Kind.YES, Kind.NO}
        return Read(says, self.minutes, self.transport, asks_where, only_yes_no)

    def _fits(self, says: str) -> bool:
        """Whether minutes, transport and the words around go with what is said."""
        if says != "going" and (self.minutes is not None or self.transport is not None):
            return False
        if self.maybe_two and self.transport is None:
            return False
        if Kind.HURRY in self.around and says not in ("going", "setting_off"):
            return False
        if says == "cannot":
            return not self.around & {Kind.WITH_YES, Kind.OFFER, Kind.OFFER_FIRST}
        return Kind.WITH_NO not in self.around


def read(items: list[Phrase]) -> Read | None:
    """What the phrases say together, or None when one has no place among them or they contradict each other."""
    reader = _Reader(items)
    at = 0
    while at < len(items):
        used = reader.take(at)
        if not used:
            return None
        at += used
    return reader.outcome()
