"""A model found → an engine that decodes."""

from __future__ import annotations

from cxcall.speech.engines.engine import Engine, EngineError
from cxcall.speech.engines.models import ANY, Model


def open_engine(model: Model, *, workers: int = 1) -> Engine:
    """Load a model, which takes seconds. `workers`: how many utterances are decoded at once.

    Raises EngineError, with a sentence, when the model is broken, missing in part or of another language.
    """
    if model.problem:
        raise EngineError(model.problem)
    if model.language in ("", ANY):
        raise EngineError(f"Say which language the model {model.name} is to understand.")
    if model.engine == "whisper":
        from cxcall.speech.engines.whisper import Whisper

        return Whisper(model.path, model=model.name, language=model.language, workers=workers)
    from cxcall.speech.engines.vosk import Vosk

    return Vosk(model.path, model=model.name, language=model.language)
