"""Structured logs: one line an event, the same ids in the text and in the fields, no number and no words of a person."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping, Sequence
from typing import Any

import structlog

_NUMBER = re.compile(r"\+[1-9]\d{6,14}\b")
NOISY = ("twilio", "urllib3", "rq.worker", "httpx", "apprise")
"""Client libraries that log the URLs they call: a look-up by number carries the number, a webhook its key."""


def setup(process: str, *, json_lines: bool | None = None) -> None:
    """Send every log line of this process to stderr; `process` is its name in each line.

    `json_lines`: None writes JSON unless a person reads along in a terminal. Each line has its ids both in the text and as
    fields, and no whole phone number in either.
    """
    json_lines = not sys.stderr.isatty() if json_lines is None else json_lines
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _mask,
    ]
    renderer: list[structlog.typing.Processor] = (
        [_ids_in_text, structlog.processors.JSONRenderer(default=str, ensure_ascii=False)]
        if json_lines
        else [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    )
    _route_libraries([*shared, *renderer])
    structlog.configure(
        processors=[*shared, *renderer],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)


def get(name: str) -> structlog.stdlib.BoundLogger:
    """A logger whose lines carry `name`."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(part=name)
    return logger


def masked(phone: str) -> str:
    """A phone number as logs may show it: the country's part and the last two digits."""
    return phone[:4] + "…" + phone[-2:] if len(phone) > 6 else "…"


def _route_libraries(processors: Sequence[structlog.typing.Processor]) -> None:
    """What libraries log is written as our own lines are."""
    *foreign, renderer = processors
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=foreign, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
        )
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _mask(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Whatever was not masked by whoever wrote the line: an exception can quote a number."""
    for name, value in line.items():
        if isinstance(value, str) and "+" in value:
            line[name] = _NUMBER.sub(lambda found: masked(found[0]), value)
    return line


def _ids_in_text(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A person who searches the text for an id finds it, and so does a program that looks at the field."""
    ids = " ".join(f"{name}={value}" for name, value in line.items() if name.endswith("_id") and value is not None)
    line["event"] = f"{line['event']} [{ids}]" if ids else line["event"]
    return line
