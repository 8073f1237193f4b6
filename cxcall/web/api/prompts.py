"""`/prompts`: what callers hear, in each language: texts, sounds made of them or sent in, and the way back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.prompts.made import LANGUAGES, LARGEST, BadSound
from cxcall.prompts.speak import LONGEST_TEXT, CannotSpeak
from cxcall.store import prompts, surveys
from cxcall.store.prompts import Conflict, NoSuchPrompt, Prompt, PromptInUse, PromptNameTaken, Sound
from cxcall.web.access import OVERSEERS, Role
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import ROOT, Answer, Asked, Endpoint
from cxcall.web.api.handle import read_at_most
from cxcall.web.api.paging import PageQuery, part
from cxcall.web.api.scopes import Scope
from cxcall.web.api.versions import etag, expected_version
from cxcall.web.api.wire import Time
from cxcall.web.problems import Problem
from cxcall.web.prompt_files import url_of
from cxcall.web.prompting import say, take_in

Language = Literal["fa", "en"]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\S")]
Text = Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)]


class NewPrompt(msgspec.Struct, frozen=True, kw_only=True):
    """A prompt to add; its sounds come after. `texts` go by language."""

    name: Name
    texts: dict[Language, Text] = {}


class PromptChange(msgspec.Struct, frozen=True, kw_only=True):
    """Another name. `version` is the one it is based on (or use If-Match)."""

    name: Name
    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 2)] | msgspec.UnsetType = msgspec.UNSET


class PromptText(msgspec.Struct, frozen=True, kw_only=True):
    """What is said in a language; empty: nothing written."""

    text: Text


class Speech(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine shall say: `text`, else the prompt's own. `draft`: callers don't hear it before it is kept."""

    text: Text | None = None
    draft: bool = False


class SoundQuery(msgspec.Struct, frozen=True, kw_only=True):
    """How the file is taken."""

    draft: Annotated[bool, msgspec.Meta(description="Callers don't hear it before it is kept.")] = False


class PromptSound(msgspec.Struct, frozen=True, kw_only=True):
    """A sound. `url` is where it is played from, `loudness` in LUFS, `text` what an engine said."""

    sha: str
    url: str
    seconds: float
    loudness: float
    source: Literal["text", "upload", "browser", "phone"]
    engine: str
    text: str
    made_at: Time
    by: str


class PromptLanguage(msgspec.Struct, frozen=True, kw_only=True):
    """A prompt in one language: `sound` is heard, `draft` waits to be kept, `previous` comes back by undo."""

    text: str
    sound: PromptSound | None
    draft: PromptSound | None
    previous: PromptSound | None


class ShownPrompt(msgspec.Struct, frozen=True, kw_only=True):
    """What callers hear. `missing` names the languages in which they would hear silence."""

    id: str
    version: int
    name: str
    languages: dict[Language, PromptLanguage]
    missing: list[Language]
    created_at: Time
    updated_at: Time


class PromptList(msgspec.Struct, frozen=True, kw_only=True):
    """Prompts by name; `next` is null on the last page."""

    items: list[ShownPrompt]
    next: str | None


async def list_prompts(asked: Asked[PageQuery, None]) -> PromptList:
    async with asked.engine.connect() as conn:
        everything = await prompts.everything(conn)
    rows, following = part(everything, asked.query, lambda prompt: prompt.id)
    return PromptList(items=[_shown(prompt) for prompt in rows], next=following)


async def create_prompt(asked: Asked[None, NewPrompt]) -> Answer:
    texts: dict[str, str] = dict(asked.body.texts.items())
    async with asked.engine.begin() as conn:
        try:
            prompt = await prompts.create(conn, name=asked.body.name, texts=texts)
        except PromptNameTaken as error:
            raise _taken() from error
        await _note(asked, conn, "prompt.create", prompt)
    return _answer(prompt, Location=f"{ROOT}/prompts/{prompt.id}")


async def get_prompt(asked: Asked[None, None]) -> Answer:
    async with asked.engine.connect() as conn:
        return _answer(await _found(asked, conn))


async def rename_prompt(asked: Asked[None, PromptChange]) -> Answer:
    version = expected_version(asked.request, asked.body.version)
    async with asked.engine.begin() as conn:
        try:
            prompt = await prompts.rename(conn, asked.path["id"], asked.body.name, version=version.number)
        except PromptNameTaken as error:
            raise _taken() from error
        except Conflict as error:
            raise version.outdated() from error
        except NoSuchPrompt as error:
            raise _gone() from error
        await _note(asked, conn, "prompt.rename", prompt)
    return _answer(prompt)


async def delete_prompt(asked: Asked[None, None]) -> None:
    """Refused while a survey plays it."""
    async with asked.engine.begin() as conn:
        prompt = await _found(asked, conn)
        try:
            await prompts.remove(conn, prompt.id, used_by=await surveys.used_by(conn, prompt.id))
        except PromptInUse as error:
            raise Problem(409, str(error), surveys=list(error.surveys)) from error
        await _note(asked, conn, "prompt.delete", prompt)


async def set_prompt_text(asked: Asked[None, PromptText]) -> Answer:
    """The sound stays as it is until speech is made anew."""
    return await _changed(asked, "text", lambda conn, id_, lang: prompts.set_text(conn, id_, lang, asked.body.text))


async def upload_prompt_sound(asked: Asked[SoundQuery, None]) -> Answer:
    """A sound file of up to 20 MB and 5 minutes: WAV, MP3, M4A, Ogg, WebM, FLAC, AMR …

    It is trimmed, brought to the loudness of all prompts and made into a telephone's formats.
    """
    language, kind = _language(asked), asked.request.content_type
    if not kind.startswith(("audio/", "video/")) and kind != "application/octet-stream":
        raise Problem(415, "Send the file as audio/… or application/octet-stream.")
    prompt = await _known(asked)
    data = await read_at_most(asked.request, LARGEST)
    try:
        prompt = await take_in(asked.request, prompt.id, language, data, source="upload", draft=asked.query.draft)
    except BadSound as error:
        raise Problem(422, str(error)) from error
    except NoSuchPrompt as error:
        raise _gone() from error
    return _answer(prompt)


async def speak_prompt(asked: Asked[None, Speech]) -> Answer:
    """Has a text said by this site's speech engine."""
    language, prompt = _language(asked), await _known(asked)
    text = prompt.texts.get(language, "") if asked.body.text is None else asked.body.text
    try:
        prompt = await say(asked.request, prompt.id, language, text, draft=asked.body.draft)
    except (CannotSpeak, BadSound) as error:
        raise Problem(422, str(error)) from error
    except NoSuchPrompt as error:
        raise _gone() from error
    return _answer(prompt)


async def keep_prompt_draft(asked: Asked[None, None]) -> Answer:
    """Callers hear the draft from now on; without one nothing changes."""
    return await _changed(asked, "keep", prompts.keep_draft)


async def remove_prompt_sound(asked: Asked[None, None]) -> Answer:
    """Callers hear nothing in this language from now on; undo brings the sound back."""
    return await _changed(asked, "remove", prompts.remove_variant)


async def undo_prompt_sound(asked: Asked[None, None]) -> Answer:
    """Callers hear again what they heard before the last change; once more takes that back."""
    return await _changed(asked, "undo", prompts.undo)


async def _changed(
    asked: Asked[Any, Any], act: str, change: Callable[[AsyncConnection, str, str], Awaitable[Prompt]]
) -> Answer:
    language = _language(asked)
    async with asked.engine.begin() as conn:
        try:
            prompt = await change(conn, asked.path["id"], language)
        except NoSuchPrompt as error:
            raise _gone() from error
        await _note(asked, conn, f"prompt.{act}", prompt, language=language)
    return _answer(prompt)


async def _known(asked: Asked[Any, Any]) -> Prompt:
    async with asked.engine.connect() as conn:
        return await _found(asked, conn)


async def _found(asked: Asked[Any, Any], conn: AsyncConnection) -> Prompt:
    prompt = await prompts.get(conn, asked.path["id"])
    if prompt is None:
        raise _gone()
    return prompt


def _language(asked: Asked[Any, Any]) -> str:
    language = asked.path["language"]
    if language not in LANGUAGES:
        raise Problem(404, f"Prompts have the languages {' and '.join(LANGUAGES)}.")
    return language


async def _note(asked: Asked[Any, Any], conn: AsyncConnection, act: str, prompt: Prompt, **details: str) -> None:
    await note_act(asked, conn, act, f"prompt:{prompt.id}", {"name": prompt.name, **details})


def _gone() -> Problem:
    return Problem(404, "There is no such prompt.")


def _taken() -> Problem:
    error = {"detail": "Another prompt has this name.", "pointer": "#/name"}
    return Problem(409, "This name is taken.", errors=[error])


def _answer(prompt: Prompt, **headers: str) -> Answer:
    return Answer(value=_shown(prompt), headers={"ETag": etag(prompt.version), **headers})


def _shown(prompt: Prompt) -> ShownPrompt:
    return ShownPrompt(
        id=prompt.id,
        version=prompt.version,
        name=prompt.name,
        languages={language: _shown_language(prompt, language) for language in ("fa", "en")},
        missing=[language for language in ("fa", "en") if language in prompt.missing()],
        created_at=prompt.created_at,
        updated_at=prompt.updated_at,
    )


def _shown_language(prompt: Prompt, language: str) -> PromptLanguage:
    variant = prompt.variant(language)
    return PromptLanguage(
        text=prompt.texts.get(language, ""),
        sound=_shown_sound(variant.sound),
        draft=_shown_sound(variant.draft),
        previous=_shown_sound(variant.previous),
    )


def _shown_sound(sound: Sound | None) -> PromptSound | None:
    if sound is None:
        return None
    fields = {name: getattr(sound, name) for name in PromptSound.__struct_fields__ if name != "url"}
    return PromptSound(url=url_of(sound.sha), **fields)


_READ: dict[str, Any] = {"tag": "prompts", "scope": Scope.SURVEYS_READ, "roles": OVERSEERS}
_WRITE: dict[str, Any] = {"tag": "prompts", "scope": Scope.SURVEYS_WRITE, "roles": (Role.ADMIN,)}
_GIVES: dict[str, Any] = {"gives": ShownPrompt, "gives_headers": ("ETag",)}
_SOUNDS = "/prompts/{id}/sounds/{language}"

ENDPOINTS = (
    Endpoint(
        method="GET", path="/prompts", handler=list_prompts, summary="List prompts", query=PageQuery,
        gives=PromptList, **_READ,
    ),
    Endpoint(
        method="POST", path="/prompts", handler=create_prompt, summary="Add a prompt", body=NewPrompt,
        gives=ShownPrompt, status=201, problems=(409,), gives_headers=("Location", "ETag"), **_WRITE,
    ),
    Endpoint(method="GET", path="/prompts/{id}", handler=get_prompt, summary="One prompt", **_READ, **_GIVES),
    Endpoint(
        method="PATCH", path="/prompts/{id}", handler=rename_prompt, summary="Rename a prompt", body=PromptChange,
        problems=(409, 412, 428), headers=("If-Match",), **_WRITE, **_GIVES,
    ),
    Endpoint(
        method="DELETE", path="/prompts/{id}", handler=delete_prompt, summary="Delete a prompt", status=204,
        problems=(409,), **_WRITE,
    ),
    Endpoint(
        method="PUT", path="/prompts/{id}/texts/{language}", handler=set_prompt_text, summary="Write a prompt's text",
        body=PromptText, **_WRITE, **_GIVES,
    ),
    Endpoint(
        method="POST", path=_SOUNDS, handler=upload_prompt_sound, summary="Send a prompt's sound", query=SoundQuery,
        body=str, body_type="application/octet-stream", **_WRITE, **_GIVES,
    ),
    Endpoint(
        method="DELETE", path=_SOUNDS, handler=remove_prompt_sound, summary="Take a prompt's sound away",
        **_WRITE, **_GIVES,
    ),
    Endpoint(
        method="POST", path=_SOUNDS + "/speech", handler=speak_prompt, summary="Make a prompt's sound from text",
        body=Speech, **_WRITE, **_GIVES,
    ),
    Endpoint(
        method="POST", path=_SOUNDS + "/keep", handler=keep_prompt_draft, summary="Put a prompt's draft to use",
        **_WRITE, **_GIVES,
    ),
    Endpoint(
        method="POST", path=_SOUNDS + "/undo", handler=undo_prompt_sound, summary="Take back a change of sound",
        **_WRITE, **_GIVES,
    ),
)  # fmt: skip
