"""Every English text of pages, code and scripts that needs a translation, found the way gettext tools find them.

`python -m tests.support.messages [PART …]` prints those without a Persian translation as entries for a .po file;
PART limits them to files whose path has it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.extract import extract_from_file
from jinja2.ext import babel_extract

from cxcall.web import words
from cxcall.web.presentation import Language

WEB = Path(words.__file__).parent
KEYWORDS: dict[str, Any] = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
_SCRIPT_WORD = re.compile(r'\bt\("((?:[^"\\]|\\.)+)"')


@dataclass(frozen=True, slots=True)
class Text:
    """`where` is file:line; `plural` is None for a text without forms."""

    english: str
    plural: str | None
    context: str | None
    where: str


def texts() -> Iterator[Text]:
    """All marked texts below cxcall/web."""
    for file in sorted(WEB.rglob("*.py")):
        if "node_modules" in file.parts:
            continue
        for line, message, _, context in extract_from_file("python", file, keywords=KEYWORDS):
            yield _text(message, context, f"{file.relative_to(WEB)}:{line}")
    options = {"trimmed": "false", "silent": "false", "extensions": "jinja2.ext.i18n,jinja2.ext.do"}
    for file in sorted((WEB / "templates").rglob("*.html")):
        with file.open("rb") as stream:
            for line, function, found, _ in babel_extract(stream, list(KEYWORDS), [], options):
                if any(isinstance(part, str) for part in _parts(found)):
                    yield _jinja(function, found, f"{file.relative_to(WEB)}:{line}")


def script_words() -> set[str]:
    """Texts that the browser's scripts show."""
    files = (WEB / "ui/src").glob("*.ts")
    return {word for file in files for word in _SCRIPT_WORD.findall(file.read_text(encoding="utf-8"))}


def missing(language: Language = "fa") -> list[Text]:
    """Texts without a full translation, each once."""
    known = words.catalogue(language)
    found: dict[tuple[str | None, str], Text] = {}
    for text in texts():
        forms = known.get((text.context, text.english))
        if forms is None or (text.plural is not None and len(forms) < 2):
            found.setdefault((text.context, text.english), text)
    return list(found.values())


def _text(message: str | tuple[str, ...], context: str | None, where: str) -> Text:
    if isinstance(message, tuple):
        return Text(message[0], message[1] if len(message) > 1 else None, context, where)
    return Text(message, None, context, where)


def _jinja(function: str, message: str | tuple[str | None, ...] | None, where: str) -> Text:
    parts = [part for part in _parts(message) if isinstance(part, str)]
    context = parts.pop(0) if function == "pgettext" else None
    return Text(parts[0], parts[1] if function == "ngettext" else None, context, where)


def _parts(message: str | tuple[str | None, ...] | None) -> tuple[str | None, ...]:
    """Texts that are no literals (a variable) are None here."""
    return message if isinstance(message, tuple) else (message,)


def entry(text: Text) -> str:
    """As a .po file has it, still to translate."""
    lines = [f"#: {text.where}"]
    if text.context is not None:
        lines.append(f"msgctxt {quoted(text.context)}")
    lines.append(f"msgid {quoted(text.english)}")
    if text.plural is None:
        return "\n".join([*lines, 'msgstr ""', ""])
    return "\n".join([*lines, f"msgid_plural {quoted(text.plural)}", 'msgstr[0] ""', 'msgstr[1] ""', ""])


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


if __name__ == "__main__":
    for text in missing():
        if not sys.argv[1:] or any(part in text.where for part in sys.argv[1:]):
            print(entry(text))
