"""Rules as text, written and read without loss: what an admin copies, compares and keeps elsewhere."""

from __future__ import annotations

from cxcall.routing.text.reading import Read, TextError, from_text
from cxcall.routing.text.writing import to_text

__all__ = ["Read", "TextError", "from_text", "to_text"]
