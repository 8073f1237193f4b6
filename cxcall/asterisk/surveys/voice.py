"""The sounds of one survey for one caller: which prompt is played from where, in which language."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.settings import Settings
from cxcall.store import prompt_files, prompts
from cxcall.store.prompts import Sound
from cxcall.surveys.script import Script

log = structlog.get_logger(__name__)

_FRESH = 5.0
"""Seconds for which a prompt that was looked up is taken for what it is now."""

_SPARE = 10.0
"""Seconds beyond a prompt's length that playing it may take: it may have to be fetched first."""


@dataclass(frozen=True, slots=True)
class Sounding:
    """What Asterisk is told to play, and the seconds it may take."""

    address: str
    limit: float


class Voice:
    """The prompts of one script in the languages one caller may hear, best first."""

    def __init__(self, sounds: Mapping[str, Mapping[str, Sounding]], languages: Sequence[str]) -> None:
        self._sounds = sounds
        self._languages = languages

    def of(self, prompt: str) -> Sounding | None:
        """Where `prompt` is; in another language rather than not at all. None: nobody has recorded it."""
        variants = self._sounds.get(prompt, {})
        for language in (*self._languages, *variants):
            if language in variants:
                return variants[language]
        return None


class Prompts:
    """Looks prompts up, and remembers them for a moment: twenty surveys a second ask for the same ones."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: dict[frozenset[str], tuple[float, Mapping[str, Mapping[str, Sound]]]] = {}

    async def voice(
        self, conn: AsyncConnection, server: str, script: Script, language: str, also: Sequence[str] = ()
    ) -> Voice:
        """What `script` needs on `server` for a caller of `language`; `also`: prompts besides."""
        ids = frozenset((*prompts_of(script), *also))
        found = self._known.get(ids)
        if found is None or time.monotonic() - found[0] > _FRESH:
            found = time.monotonic(), await prompts.variants_of(conn, ids)
            if len(self._known) > 64:
                self._known.clear()
            self._known[ids] = found
        sounds = {
            prompt: {
                spoken: Sounding(prompt_files.address(self._settings, server, sound.sha), sound.seconds + _SPARE)
                for spoken, sound in variants.items()
            }
            for prompt, variants in found[1].items()
        }
        return Voice(sounds, (language, *script.languages))


def prompts_of(script: Script) -> Iterator[str]:
    """Ids of all prompts a script may play."""
    names = ("prompt", "wrong_key_prompt", "no_input_prompt")
    found = [getattr(part, name, "") for part in script.parts for name in names]
    yield from (prompt for prompt in (*found, script.opt_out_prompt) if prompt)


def language_of(script: Script, *wishes: str) -> str:
    """The first wish the script is made for, else the script's own first language."""
    for wish in wishes:
        spoken = wish.replace("_", "-").partition("-")[0].lower()
        if spoken in script.languages:
            return spoken
    return script.languages[0] if script.languages else ""
