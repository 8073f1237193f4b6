"""Whether a model can be used: `python -m cxcall.speech.engines.trial FOLDER LANGUAGE`, in a process of its own.

Libraries that load models may end the process over a broken one. Prints a sentence and exits 1 when it can't be used.
"""

from __future__ import annotations

import sys

import numpy as np

from cxcall.speech.engines.engine import EngineError
from cxcall.speech.engines.models import at
from cxcall.speech.engines.opening import open_engine


def main(folder: str, language: str) -> int:
    """Load the model and decode a second of noise."""
    noise = (np.random.default_rng(1).standard_normal(8_000) * 300).astype("<i2").tobytes()
    try:
        decoding = open_engine(at(folder, language)).begin()
        decoding.feed(noise)
        decoding.finish()
    except EngineError as error:
        sys.stdout.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
