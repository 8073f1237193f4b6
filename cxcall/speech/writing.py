"""A transcript as text for people and as subtitles."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody said, from `start` to `end` seconds; `name` is how they are called."""

    start: float
    end: float
    name: str
    text: str


def text(lines: Iterable[Line]) -> str:
    """One line a turn: `0:09 Sara: Good morning`."""
    return "".join(f"{_clock(line.start)} {line.name}: {_flat(line.text)}\n" for line in lines)


def srt(lines: Iterable[Line]) -> str:
    """SubRip subtitles: numbered, `00:00:09,120 --> 00:00:12,300`, the speaker before the words."""
    return "\n".join(
        f"{n}\n{_moment(line.start)} --> {_moment(max(line.end, line.start))}\n{line.name}: {_flat(line.text)}\n"
        for n, line in enumerate(lines, 1)
    )


def _flat(said: str) -> str:
    """An empty line would end a subtitle."""
    return " ".join(said.split())


def _clock(seconds: float) -> str:
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _moment(seconds: float) -> str:
    whole = max(0, round(seconds * 1000))
    minutes, thousandths = divmod(whole, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{thousandths // 1000:02},{thousandths % 1000:03}"
