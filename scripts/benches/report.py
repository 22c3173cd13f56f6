"""What a benchmark prints: one row a thing measured, with the bar it is held to where there is one."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Row:
    """One thing measured. Times in milliseconds; `bar` says what is asked of it, in words."""

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


def row(bench: str, what: str, times_s: list[float], bar: str = "") -> Row:
    """Sum up the times of one thing, in seconds."""
    ordered = sorted(times_s)
    return Row(bench, what, len(ordered), _at(ordered, 0.50) * 1000, _at(ordered, 0.95) * 1000, _at(ordered, 0.99) * 1000, bar)


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(rows: list[Row]) -> str:
    """The rows as a table for people."""
    width = max((len(one.what) for one in rows), default=10)
    lines = [f"{'bench':<10} {'what':<{width}} {'runs':>5} {'p50 ms':>9} {'p95 ms':>9} {'p99 ms':>9}  bar"]
    for one in rows:
        times = f"{one.p50_ms:>9.2f} {one.p95_ms:>9.2f} {one.p99_ms:>9.2f}"
        lines.append(f"{one.bench:<10} {one.what:<{width}} {one.runs:>5} {times}  {one.bar}")
    return "\n".join(lines)
