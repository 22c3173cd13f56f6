"""Why fewer were asked than are wanted: kept with the incident as facts, said in words where it is read."""

from __future__ import annotations

from typing import NamedTuple

from core.words import _, fill

NOBODY_ELSE, MOST_ASKED = "nobody_else", "most_asked"
WORDS = {
    NOBODY_ELSE: _("{asked} of {wanted}: nobody else certified within reach"),
    MOST_ASKED: _("{asked} of {wanted}: the most that one incident may ask is reached"),
}
_OF_ANOTHER_RELEASE = _("{asked} of {wanted}: {why}")


class Shortfall(NamedTuple):
    """So many of so many, and what stands in the way of more: one of `WORDS`."""

    asked: int
    wanted: int
    why: str

    @classmethod
    def kept(cls, facts: str | None) -> Shortfall | None:
        """The shortfall of an incident, as it was written with `facts`."""
        if facts is None:
            return None
        asked, _of, wanted, why = facts.split(" ", 3)
        return cls(int(asked), int(wanted.rstrip(":")), why)

    @property
    def facts(self) -> str:
        """What is kept of it."""
        return f"{self.asked} of {self.wanted}: {self.why}"

    @property
    def words(self) -> str:
        """One sentence, in English until `core.words.translated` says it again."""
        # A reason that another release has written is shown as it stands.
        return fill(WORDS.get(self.why, _OF_ANOTHER_RELEASE), **self._asdict())
