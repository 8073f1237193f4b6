"""Cells of CSV files that spreadsheets open: what people wrote is shown as text and never run as a formula."""

from __future__ import annotations

import re

BOM = "\ufeff"
"""The mark by which spreadsheets know UTF-8: the first character of a file."""

_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a formula begins with, also in the wide forms, which spreadsheets of East Asia take for the same."""

_NUMBER = re.compile(r"[+-]\d+(?:[ .]\d+)*")


def harmless(cell: str) -> str:
    """The cell with a quote before it when it would be run; numbers with a sign, as of telephones, stay as they are."""
    return f"'{cell}" if cell.startswith(_BEGINS) and not _NUMBER.fullmatch(cell) else cell


def plain(cell: str) -> str:
    """What `harmless` was given: without the quote before what begins like a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_BEGINS) else cell
