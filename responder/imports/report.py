"""What an import did, or would do, as people read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from responder.imports.ledger import Taken
from responder.imports.table import Refusal
from responder.people import ADDED, CHANGED, UNCHANGED

MOST_DOUBTFUL = 20


@dataclass
class Report:
    """What an import did. `people` counts persons by outcome (added, changed, unchanged), `refusals` are rows, `doubtful` the
    lines of people who were taken with a number that nobody is known to have, `endless` of those with a certificate that
    counts from now on and names no last day."""

    dry_run: bool = False
    people: Counter[str] = field(default_factory=Counter)
    refusals: list[Refusal] = field(default_factory=list)
    not_at_night: int = 0
    doubtful: list[int] = field(default_factory=list)
    endless: list[int] = field(default_factory=list)

    def add(self, taken: Taken) -> None:
        """Count some more people of the file."""
        self.people.update(taken.people)
        self.refusals += taken.refusals
        self.not_at_night += taken.not_at_night
        self.doubtful += taken.doubtful
        self.endless += taken.endless

    @property
    def refused_rows(self) -> int:
        """How many rows were not taken."""
        return len({refusal.line for refusal in self.refusals})

    def lines(self) -> Iterator[str]:
        """The report as people read it: refused rows first, then the counts."""
        for refusal in sorted(self.refusals, key=lambda one: one.line):
            yield str(refusal)
        total = sum(self.people.values())
        counts = ", ".join(f"{self.people[kind]} {kind}" for kind in (ADDED, CHANGED, UNCHANGED))
        rows = "1 row" if self.refused_rows == 1 else f"{self.refused_rows} rows"
        yield f"{'Nothing was written. It would be: ' if self.dry_run else ''}{counts}, {rows} refused"
        if self.doubtful:
            yield f"{len(self.doubtful)} taken with a number that nobody is known to have; look at line {_some(self.doubtful)}"
        if self.endless:
            yield f"{len(self.endless)} with a certificate that counts for ever (no last day); line {_some(self.endless)}"
        yield (
            f"At night (23:00 to 07:00) {self.not_at_night} of {total} people are left out:"
            " no night_alerts=yes, and no work hours then"
        )


def _some(lines: list[int]) -> str:
    return ", ".join(map(str, lines[:MOST_DOUBTFUL])) + (" …" if len(lines) > MOST_DOUBTFUL else "")
