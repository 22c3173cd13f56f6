"""What a benchmark prints: one row a thing measured, with the bar it is held to where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Row:
    """One thing measured many times. Times in milliseconds; `bar` says what is asked of it, in words."""

    bench: str
    what: str
    runs: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    bar: str = ""

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        return asdict(self)


@dataclass(frozen=True)
class Fact:
    """One thing counted, or measured once; `met` tells whether it holds its bar, None where it has none."""

    bench: str
    what: str
    value: float
    unit: str = ""
    bar: str = ""
    met: bool | None = None

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        return asdict(self)


def row(bench: str, what: str, times_s: list[float], bar: str = "") -> Row:
    """Sum up the times of one thing, in seconds."""
    ordered = sorted(times_s)
    return Row(bench, what, len(ordered), _at(ordered, 0.50) * 1000, _at(ordered, 0.95) * 1000, _at(ordered, 0.99) * 1000, bar)


def read(facts: dict[str, object]) -> Row | Fact:
    """A row or a fact as `as_dict` wrote it, from the process that measured it."""
    return (Row if "runs" in facts else Fact)(**facts)  # type: ignore[arg-type]  # as it was written


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(rows: Sequence[Row | Fact]) -> str:
    """The rows as tables for people."""
    timed = [one for one in rows if isinstance(one, Row)]
    counted = [one for one in rows if isinstance(one, Fact)]
    width = max((len(one.what) for one in rows), default=10)
    lines = []
    if timed:
        lines.append(f"{'bench':<10} {'what':<{width}} {'runs':>5} {'p50 ms':>9} {'p95 ms':>9} {'p99 ms':>9}  bar")
    for one in timed:
        times = f"{one.p50_ms:>9.2f} {one.p95_ms:>9.2f} {one.p99_ms:>9.2f}"
        lines.append(f"{one.bench:<10} {one.what:<{width}} {one.runs:>5} {times}  {one.bar}")
    if counted:
        lines.append(f"{'bench':<10} {'what':<{width}} {'value':>12} {'':<6} bar")
    lines += [_line(one, width) for one in counted]
    return "\n".join(lines)


def _line(fact: Fact, width: int) -> str:
    verdict = {True: "  ok", False: "  MISSED", None: ""}[fact.met]
    return f"{fact.bench:<10} {fact.what:<{width}} {fact.value:>12,.1f} {fact.unit:<6} {fact.bar}{verdict}"
