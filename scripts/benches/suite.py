"""Runs the benchmarks that were asked for and prints what they measured."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from itertools import chain

import structlog

from scripts.benches import choose, cover, dispatch, imports, live, pages, soak, typed, upgrade, webhooks, without
from scripts.benches.report import Fact, Row, table
from scripts.lib.bench_options import BenchOptions

BENCHES: dict[str, Callable[[BenchOptions], Iterator[Row | Fact]]] = {
    "choose": lambda _: choose.run(),
    "cover": lambda _: cover.run(),
    "dispatch": lambda _: chain(dispatch.run(), without.run()),
    "import": lambda _: imports.run(),
    "live": lambda _: live.run(),
    "pages": pages.run,
    "soak": soak.run,
    "typed": lambda _: typed.run(),
    "webhooks": webhooks.run,
    "upgrade": lambda _: upgrade.run(),
}


def main(options: BenchOptions) -> int:
    """Run them in order; returns the exit status."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    rows = [row for name in options.names for row in BENCHES[name](options)]
    if options.json:
        for row in rows:
            print(json.dumps(row.as_dict()))
    else:
        print(table(rows))
    return 0
