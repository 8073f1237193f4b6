"""For all tests: which files begin first, and a log that costs little."""

from __future__ import annotations

from itertools import chain, groupby, zip_longest
from pathlib import Path

import pytest
import structlog

HERE = Path(__file__).parent


def pytest_configure() -> None:
    """Tracebacks as plain text: drawn with all variables each takes a tenth of a second, in which nothing else runs."""
    structlog.configure(processors=[structlog.processors.format_exc_info, structlog.dev.ConsoleRenderer(colors=False)])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files first, one that waits for real calls beside one that keeps Chromium busy.

    So the workers of `-n 2 --dist loadfile --no-loadscope-reorder` share the machine well and end together.
    """
    files = [list(tests) for _, tests in groupby(items, key=lambda item: item.path)]
    waiting, busy = (
        [file for file in files if HERE / folder in file[0].path.parents] for folder in ("asterisk", "browser")
    )
    first = [file for pair in zip_longest(waiting, busy) for file in pair if file]
    items[:] = chain(*first, *(file for file in files if file not in first))
