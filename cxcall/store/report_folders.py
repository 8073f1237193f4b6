"""Where reports are laid: folders below the data folder's `reports`, and never anywhere else."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = "reports"
LONGEST = 200
_PART = re.compile(r"[\w][\w .-]{0,79}")


class BadFolder(Exception):
    """The folder is none below the data folder's reports."""


def tidy_folder(text: str) -> str:
    """`a/b` of names below the root, "" for none. Raises `BadFolder` for what could lead out of it."""
    if not text.strip():
        return ""
    parts = [part.strip() for part in text.strip().split("/")]
    right = len(text) <= LONGEST and all(_PART.fullmatch(part) and not part.endswith(".") for part in parts)
    if not right:
        raise BadFolder(BadFolder.__doc__)
    return "/".join(parts)


def folder_of(data: Path, text: str) -> Path:
    """The folder itself, links followed. Raises `BadFolder` when it lies elsewhere."""
    root = (data / ROOT).resolve()
    there = (root / tidy_folder(text)).resolve()
    if there != root and root not in there.parents:
        raise BadFolder(BadFolder.__doc__)
    return there
