"""What /admin/prompts shows: the list with its problems, one prompt in each language, and the sentences around them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cxcall.prompts.made import LANGUAGES
from cxcall.settings import Settings
from cxcall.store import prompt_files
from cxcall.store.prompts import Prompt, Sound, Source
from cxcall.store.surveys import Survey
from cxcall.web.prompt_files import url_of
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/admin/prompts"

LANGUAGE_NAMES = {"fa": N_("Persian"), "en": N_("English")}
SOURCES: dict[Source, str] = {
    "text": N_("Spoken by %(engine)s"),
    "upload": N_("From a file"),
    "browser": N_("Recorded in the browser"),
    "phone": N_("Recorded by phone"),
}
DONE = {
    "created": N_("The prompt was added. Now give it a sound."),
    "renamed": N_("Saved."),
    "text": N_("The text was saved."),
    "made": N_("Listen to the new one, then put it to use."),
    "keep": N_("Callers hear the new one from now on."),
    "drop": N_("The new one was discarded."),
    "remove": N_("Callers hear nothing here from now on."),
    "undo": N_("Callers hear the one before again."),
    "restored": N_("“%(name)s” is back."),
}
NAME_WRONG = N_("Give a name of at most 100 letters.")
NAME_TAKEN = N_("Another prompt has this name.")
CONFLICT = N_(
    "Someone else changed this text meanwhile. It is shown below as you wrote it; saving again replaces theirs."
)
RENAMED_MEANWHILE = N_("Someone else changed this prompt meanwhile. Look at it and save again.")
NO_FILE = N_("Choose a file first.")
TOO_LARGE = N_("The file is larger than 20 MB. Send a shorter sound.")
NO_PHONES = N_("Recording by phone does not run here just now. Record in the browser or send a file.")
WRONG_PHONE = N_("Write the phone to be called, for example 1001 or PJSIP/1001.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundView:
    """A sound to play; `label` is what its button is called for who can't see where it stands."""

    sha: str
    url: str
    seconds: float
    label: str
    how: str
    by: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageView:
    """A prompt in one language. `urgent`: the site's own, where silence is heard first; `lost`: its file is gone."""

    code: str
    name: str
    text: str
    urgent: bool
    sound: SoundView | None
    draft: SoundView | None
    can_undo: bool
    outdated: bool
    lost: bool = False
    before: str = ""
    error: str = ""
    phone: PhoneView | None = None

    @property
    def state(self) -> tuple[str, str, str]:
        """Kind, icon and word of its chip."""
        if self.sound is None:
            return ("bad" if self.urgent else "warn"), "alert", _("Missing")
        if self.lost:
            return "bad", "alert", _("Its file is gone")
        if self.outdated:
            return "warn", "alert", _("Text changed since")
        return "good", "check", _("In use")


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneView:
    """A recording by phone that was begun: how far it is."""

    token: str
    state: str
    text: str

    @property
    def going_on(self) -> bool:
        return self.state in ("ringing", "running")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    id: str
    name: str
    languages: Sequence[LanguageView]
    updated_at: datetime

    @property
    def has_problem(self) -> bool:
        return any(part.state[0] != "good" for part in self.languages)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptsView:
    """`silent`: how many prompts lack a language; `no_engine`: texts can't be spoken here."""

    rows: Sequence[Row]
    total: int
    silent: int
    text: str
    only_problems: bool
    no_engine: bool
    may_change: bool

    @property
    def languages(self) -> Sequence[str]:
        """Heads of the columns."""
        return [part.name for part in self.rows[0].languages] if self.rows else []


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptView:
    prompt: Prompt
    languages: Sequence[LanguageView]
    surveys: Sequence[Survey]
    name: str
    error: str
    may_change: bool
    no_engine: bool
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewView:
    name: str = ""
    fa: str = ""
    en: str = ""
    error: str = ""


def ordered(site_language: str) -> list[str]:
    """The site's language first."""
    return sorted(LANGUAGES, key=lambda language: language != site_language)


def row(prompt: Prompt, site_language: str, lost: Collection[str]) -> Row:
    parts = [language_view(prompt, language, site_language, lost) for language in ordered(site_language)]
    return Row(id=prompt.id, name=prompt.name, languages=parts, updated_at=prompt.updated_at)


def language_view(
    prompt: Prompt,
    language: str,
    site_language: str,
    lost: Collection[str],
    *,
    typed: str | None = None,
    error: str = "",
    phone: PhoneView | None = None,
) -> LanguageView:
    """`typed` is the text as a person wrote it, where it could not be taken; `lost` names sounds without a file."""
    variant = prompt.variant(language)
    stored = prompt.texts.get(language, "")
    return LanguageView(
        code=language,
        name=_(LANGUAGE_NAMES[language]),
        text=stored if typed is None else typed,
        urgent=language == site_language,
        sound=_sound(prompt, language, variant.sound, _("Play “%(name)s” in %(language)s")),
        draft=_sound(prompt, language, variant.draft, _("Play the new “%(name)s” in %(language)s")),
        can_undo=variant.previous is not None,
        outdated=prompt.outdated(language),
        lost=variant.sound is not None and variant.sound.sha in lost,
        before=stored,
        error=error,
        phone=phone,
    )


async def lost_of(settings: Settings, prompts: Iterable[Prompt]) -> frozenset[str]:
    """The sounds callers should hear whose file is not there."""
    heard = {variant.sound.sha for prompt in prompts for variant in prompt.variants.values() if variant.sound}
    return await asyncio.to_thread(prompt_files.lost, settings, heard)


def _sound(prompt: Prompt, language: str, sound: Sound | None, label: str) -> SoundView | None:
    if sound is None:
        return None
    return SoundView(
        sha=sound.sha,
        url=url_of(sound.sha),
        seconds=sound.seconds,
        label=label % {"name": prompt.name, "language": _(LANGUAGE_NAMES[language])},
        how=_(SOURCES[sound.source]) % {"engine": sound.engine},
        by=sound.by,
        made_at=sound.made_at,
    )
