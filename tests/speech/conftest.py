"""Models that are loaded once: English to judge words by, Korean for what streams and must be the same each time."""

from __future__ import annotations

import pytest

from cxcall.speech.engines import models
from cxcall.speech.engines.opening import open_engine
from cxcall.speech.engines.vosk import Vosk
from cxcall.speech.engines.whisper import Whisper
from tests.speech import hearing


@pytest.fixture(scope="session")
def english() -> Whisper:
    engine = hearing.engine()
    assert isinstance(engine, Whisper)
    return engine


@pytest.fixture(scope="module")
def korean() -> Vosk:
    engine = open_engine(models.choose(models.find(), "ko", "vosk"))
    assert isinstance(engine, Vosk)
    return engine
