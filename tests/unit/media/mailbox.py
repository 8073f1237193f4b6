"""A voicemail folder as Asterisk writes one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from cxcall.speech.stream import RATE

BEGAN = 1_795_000_000
CALLER = '"Maryam Hosseini" <09123456789>'
TEXT = """\
;
; Message Information file
;
[message]
origmailbox={mailbox}
context=from-trunk
macrocontext=
exten=02191000900
rdnis=unknown
priority=2
callerchan=PJSIP/trunk-00000001
callerid={caller}
origdate=Fri Nov 20 02:26:40 PM UTC 2026
origtime={at}
category=
msg_id={id}
flag=
duration={seconds}
"""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The mailbox 1001@default below `folder`."""

    folder: Path
    name: str = "1001"

    def place(self, inside: str = "INBOX") -> Path:
        place = self.folder / "default" / self.name / inside
        place.mkdir(parents=True, exist_ok=True)
        return place

    def leave(
        self, n: int = 0, *, msg_id: str = "1795000000-00000001", at: int = BEGAN, seconds: str = "2",
        caller: str = CALLER, inside: str = "INBOX", ending: str = "wav", text: str | None = None, old: bool = True,
    ) -> Path:  # fmt: skip
        """A message; `old`: nobody has written to it for a minute."""
        file = self.place(inside) / f"msg{n:04d}.txt"
        said = TEXT.format(mailbox=self.name, caller=caller, at=at, id=msg_id, seconds=seconds)
        file.write_text(said if text is None else text, encoding="utf-8")
        if ending:
            write(file.with_suffix(f".{ending}"))
        if old:
            self.rest(file)
        return file

    def rest(self, file: Path) -> None:
        """A minute goes by for a message."""
        for each in file.parent.glob(f"{file.stem}.*"):
            os.utime(each, (BEGAN, BEGAN))


def write(file: Path, seconds: float = 2.0) -> None:
    """A tone, as a sound that says nothing."""
    samples = (3_000 * np.sin(np.arange(int(seconds * RATE)) / 4)).astype(np.int16)
    subtype = "GSM610" if file.suffix in (".WAV", ".gsm") else "PCM_16"
    container = "RAW" if file.suffix == ".gsm" else "WAV"
    soundfile.write(file, samples, RATE, subtype=subtype, format=container)
