"""Structured logs: one line an event, the same ids in the text and in the fields, no number and no words of a person."""

from __future__ import annotations

import logging
import sys

import structlog


def setup(process: str, *, json_lines: bool = False) -> None:
    """Send every log line of this process to stderr; `process` is its name in each line."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    # The client libraries log the URLs they call, and a look-up by number carries the number.
    for noisy in ("twilio", "urllib3", "rq.worker", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    renderer = (
        structlog.processors.JSONRenderer()
        if json_lines
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
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
