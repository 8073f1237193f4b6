"""The log: one line an event on stderr, ours and the libraries' alike."""

from __future__ import annotations

import logging
import sys

import structlog
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web import RequestPayloadError


def set_up_log(*, debug: bool = False) -> None:
    """Readable on a terminal, JSON when someone else collects it. Below warnings libraries are not heard."""
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer()
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if debug else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_plain_requests)
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processors=[remove, renderer], foreign_pre_chain=[_name, *shared])
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)


def _plain_requests(record: logging.LogRecord) -> bool:
    """What strangers send instead of HTTP is no error of ours: a line without a traceback."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, (HttpProcessingError, RequestPayloadError)):
        record.msg, record.args, record.exc_info = f"{record.getMessage()}: it is not readable", (), None
        record.levelno, record.levelname = logging.INFO, "INFO"
    return True


def _name(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Which library speaks."""
    record = event.get("_record")
    if isinstance(record, logging.LogRecord):
        event["logger"] = record.name
    return event
