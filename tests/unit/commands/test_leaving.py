"""How the process ends."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import pytest

from cxcall.media import MODEL_THREAD
from tests.unit.commands.conftest import Cxcall


@pytest.mark.parametrize(("name", "ends"), [(f"{MODEL_THREAD} 0", [0]), ("another", [])])
def test_a_thread_inside_a_model_is_not_met_by_the_end_of_python(
    cxcall: Cxcall, monkeypatch: pytest.MonkeyPatch, name: str, ends: list[int]
) -> None:
    ended = list[int]()
    leave: Callable[[int], object] = ended.append
    monkeypatch.setattr(os, "_exit", leave)
    over = threading.Event()
    thread = threading.Thread(target=over.wait, name=name, daemon=True)
    thread.start()
    try:
        done = cxcall("--version")
    finally:
        over.set()
        thread.join()
    assert done.returncode == 0
    assert done.stdout.startswith("cxcall ")
    assert ended == ends
