"""Checks of speech on this machine: where recordings go, mailboxes, and what can write down what is said."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from cxcall.asterisk.findings import Finding, fail, info, ok, warn
from cxcall.asterisk.recording import place
from cxcall.settings import Settings
from cxcall.speech.engines.engine import EngineError
from cxcall.speech.engines.models import Model, choose, find

_RECORDINGS = "recordings"
_VOICEMAIL = "voicemail"
_MODELS = "speech models"

_A_MAILBOX = 2
"""Steps from the folder to a mailbox: context, mailbox."""


def recordings(settings: Settings) -> Finding:
    """Can recordings be written and kept? What Asterisk may do there is seen with the first recording."""
    folder = place.folder(settings)
    if settings.recordings.dir and not folder.is_dir():
        return fail(_RECORDINGS, f"There is no folder {folder}.", "Make it, or set recordings.dir to another one.")
    there = next((each for each in (folder, *folder.parents) if each.exists()), folder)
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return fail(_RECORDINGS, f"{there} can't be written.", f"Let the user of cxcall write in {there}.")
    return ok(_RECORDINGS, f"{folder} is writable." if there == folder else f"{folder} will be made when needed.")


def voicemail(settings: Settings) -> Iterator[Finding]:
    """Can messages be read, where they are to be?"""
    if not settings.voicemail.dir:
        return
    folder = Path(settings.voicemail.dir)
    if not folder.is_dir():
        yield fail(_VOICEMAIL, f"There is no folder {folder}.", "Set voicemail.dir to Asterisk's voicemail folder.")
        return
    closed = next((each for each in _mailboxes(folder) if not os.access(each, os.R_OK | os.X_OK)), None)
    if closed is not None:
        fix = "Put the user of cxcall into Asterisk's group: usermod --append --groups asterisk cxcall"
        yield fail(_VOICEMAIL, f"{closed} can't be read.", f"{fix}, and let the group read it.")
    else:
        mailboxes = sum(len(each.relative_to(folder).parts) == _A_MAILBOX for each in _mailboxes(folder))
        yield ok(_VOICEMAIL, f"{mailboxes} mailbox{'es' if mailboxes != 1 else ''} in {folder} can be read.")


def _mailboxes(folder: Path, depth: int = 0) -> Iterator[Path]:
    """The folder, contexts, mailboxes and what is in them; nothing below what can't be read."""
    yield folder
    if depth > _A_MAILBOX:
        return
    with contextlib.suppress(OSError):
        for each in sorted(folder.iterdir()):
            if each.is_dir():
                yield from _mailboxes(each, depth + 1)


def models(settings: Settings) -> Iterator[Finding]:
    """Which models there are, what is wrong with any, and whether the site's language can be written down."""
    folder, language = settings.speech.models, settings.speech.language or settings.site.language
    found = find(folder)
    if folder and not any(Path(folder) in Path(model.path).parents for model in found):
        yield warn(
            _MODELS, f"There is no model in {folder}.", f"cxcall speech install {language}, or mend speech.models"
        )
    for model in found:
        if model.problem:
            yield warn(_MODELS, model.problem, f"Install it anew: cxcall speech install {model.language}")
    usable = [model for model in found if not model.problem]
    if not usable:
        yield info(_MODELS, f"None here, so no talk is written down; for that: cxcall speech install {language}")
        return
    names = ", ".join(f"{model.language} ({model.engine}, {model.name})" for model in usable)
    chosen = _chosen(found, language, settings.speech.engine)
    if chosen is None:
        says = f"None for the site's language {language}. Here: {names}."
        yield warn(_MODELS, says, f"cxcall speech install {language}, or set speech.language")
    else:
        yield ok(_MODELS, f"The site's language {language} is written down by {chosen.name}. Here: {names}.")


def _chosen(found: Sequence[Model], language: str, engine: str) -> Model | None:
    """By the engine that is wanted, else by another, as the calls are."""
    for wanted in dict.fromkeys((engine, "")):
        with contextlib.suppress(EngineError):
            return choose(found, language, wanted)
    return None
