"""Lines of Asterisk's configuration files, and sections of them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


class Line(msgspec.Struct, frozen=True):
    """One setting. The value is what Asterisk means: `;` is not escaped (UpdateConfig does that)."""

    var: str
    value: str

    @property
    def text(self) -> str:
        """The line as the file shows it."""
        return f"{self.var} = {self.value}".rstrip()


class Section(msgspec.Struct, frozen=True):
    """A section of a file (Asterisk: category) and its lines in order."""

    name: str
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """The section as the file shows it."""
        return "".join(f"{text}\n" for text in (f"[{self.name}]", *(_escaped(line.text) for line in self.lines)))


class Files(msgspec.Struct, frozen=True):
    """What is written for one Asterisk: its queues, and the rules by which more members are asked."""

    queues: tuple[Section, ...] = ()
    rules: tuple[Section, ...] = ()

    @property
    def kept(self) -> str:
        """As a version keeps them; `read_files` reads it."""
        return msgspec.json.encode(self).decode()


def read_files(text: str) -> Files:
    """The files of a kept version; none where it kept nothing."""
    return msgspec.json.decode(text, type=Files) if text else Files()


def file_text(sections: Iterable[Section]) -> str:
    """Sections as a file that Asterisk reads."""
    return "\n".join(section.text for section in sections)


def _escaped(text: str) -> str:
    return text.replace(";", "\\;")
