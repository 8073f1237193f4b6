"""For all tests: which files begin first, a log that costs little, templates compiled once, little garbage."""

from __future__ import annotations

import gc
from functools import partialmethod
from itertools import chain, groupby, zip_longest
from pathlib import Path

import jinja2
import pytest
import structlog
from aiohttp import web_app
from hypothesis import HealthCheck, settings
from jinja2.bccache import Bucket, BytecodeCache

HERE = Path(__file__).parent


class Compiled(BytecodeCache):
    """Templates as compiled for the first application of this process; the next ones have the same."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


def pytest_configure() -> None:
    """An example of hypothesis may take its time: others work on this machine too.

    Tracebacks are plain text: drawn with all variables each takes a tenth of a second, in which nothing else runs.
    Compiling the templates of one page takes as long, for each of many hundred applications.
    """
    settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("steady")
    structlog.configure(processors=[structlog.processors.format_exc_info, structlog.dev.ConsoleRenderer(colors=False)])
    jinja2.Environment.__init__ = partialmethod(jinja2.Environment.__init__, bytecode_cache=Compiled())  # type: ignore[method-assign,assignment]  # for all of them


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files first, one that waits for real calls beside one that keeps Chromium or a model busy.

    So the workers of `-n 2 --dist loadfile --no-loadscope-reorder` share the machine well and end together.
    """
    files = [list(tests) for _, tests in groupby(items, key=lambda item: item.path)]
    waiting, busy = (
        [file for file in files if any(HERE / folder in file[0].path.parents for folder in folders)]
        for folders in (("asterisk",), ("browser", "speech"))
    )
    first = [file for pair in zip_longest(waiting, busy) for file in pair if file]
    items[:] = chain(*first, *(file for file in files if file not in first))


def pytest_collection_finish() -> None:
    """What is imported by now stays: it is never looked through for garbage again.

    With all modules of the tests that takes seconds each time, in which nothing else runs.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def pytest_runtest_teardown() -> None:
    """aiohttp remembers handlers of the last thousand applications, and so keeps a thousand applications.

    A service has one; here they were millions of objects, through which each collection of garbage went.
    """
    web_app._cached_build_middleware.cache_clear()
