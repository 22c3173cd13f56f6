"""What `scripts/bench` may be told. Standard library only: it is read before anything is installed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scripts.lib.terminal import Parser

NAMES = ("choose", "cover", "dispatch", "import", "live", "pages", "soak", "typed", "upgrade", "webhooks")


@dataclass(frozen=True)
class BenchOptions:
    """Which benchmarks to run, whether to print JSON instead of a table, and on which database: one that is named, one that is
    started for it, or SQLite."""

    names: tuple[str, ...]
    json: bool
    database_url: str | None = None
    postgresql: bool = False


def parse(arguments: Sequence[str]) -> BenchOptions:
    """Read the command line; a wrong one ends the process with status 2 and one line on stderr."""
    parser = Parser(prog="scripts/bench", description="Run benchmarks, each with its reference in the same run.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(NAMES)} (all)")
    parser.add_argument("--json", action="store_true", help="print JSON, one object a row")
    parser.add_argument("--database-url", metavar="URL", help="an empty PostgreSQL database for pages, soak and webhooks")
    parser.add_argument(
        "--postgresql", action="store_true", help="pages, soak and webhooks on a PostgreSQL that is started for them"
    )
    given = parser.parse_args(arguments)
    unknown = [name for name in given.names if name not in NAMES]
    if unknown:
        parser.error(f"no benchmark {unknown[0]!r}; there are {', '.join(NAMES)}")
    return BenchOptions(tuple(given.names) or NAMES, given.json, given.database_url, given.postgresql)
