"""What is wrong with something a person set up, in one sentence that pages translate: of queues, categories, surveys.

Each room has a catalogue of its sentences by code; a problem carries the one that was found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]
"""With an error it can't be saved, published or applied; a warning is only told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem: which field (as they are nested: `members.2`, `then.value`), and its sentence with the values in
    {braces}."""

    field: str
    code: str
    severity: Severity
    sentence: str
    values: Mapping[str, str]

    @property
    def text(self) -> str:
        """The English sentence, with its values."""
        return self.sentence.format(**self.values)
