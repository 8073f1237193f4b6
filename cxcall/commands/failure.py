"""How a command ends without success: one plain sentence on stderr and an exit code."""

from __future__ import annotations


class Failure(Exception):
    """The sentence says what to do. `code` 1: the run failed; 2: wrong use or configuration."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code
